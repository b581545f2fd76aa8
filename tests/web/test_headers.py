"""The security headers and the content policy computed from a build."""

import base64
import hashlib
from pathlib import Path

from casso.web.headers import PagePolicies, content_policy, inline_script_hashes


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_an_inline_script_is_allowed_by_its_hash_and_a_linked_one_is_not_listed() -> None:
    html = '<script>let a = "ü";</script><script src="/a.js"></script><SCRIPT type="module">b()</SCRIPT>'
    assert inline_script_hashes(html) == (digest('let a = "ü";'), digest("b()"))


def test_a_script_repeated_in_a_page_is_listed_once() -> None:
    assert inline_script_hashes("<script>x</script><script>x</script>") == (digest("x"),)


def test_scripts_need_no_eval_and_nothing_may_frame_us() -> None:
    policy = content_policy(("abc",)).decode()
    assert "script-src 'self' 'sha256-abc'" in policy
    assert "eval" not in policy
    assert "'unsafe-inline'" not in policy.split(";")[0]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy


def test_each_built_page_has_its_own_policy_and_an_unknown_path_the_fallbacks(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    (tmp_path / "index.html").write_text("<script>home</script>")
    (tmp_path / "settings" / "index.html").write_text("<script>settings</script>")
    (tmp_path / "404.html").write_text("<script>fallback</script>")
    pages = PagePolicies(tmp_path)
    assert digest("home") in pages.of("/").decode()
    assert digest("settings") in pages.of("/settings").decode()
    assert digest("settings") in pages.of("/settings/").decode()
    assert digest("fallback") in pages.of("/tickets/7").decode()
    assert digest("home") not in pages.of("/settings").decode()


def test_without_a_build_no_inline_script_may_run(tmp_path: Path) -> None:
    assert b"sha256" not in PagePolicies(tmp_path / "missing").of("/")
