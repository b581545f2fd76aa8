"""Every icon that a screen names is in the sprite: a missing one draws nothing and nobody is told."""

import ast
import re

from tests.architecture import ROOT, product_files, relative, tree_of

DRAWING = ("icon", "icon_button")


def named_icons() -> dict[str, str]:
    """Icon name → a file that draws it; names chosen by a Var stand in tables called SIGNS."""
    found: dict[str, str] = {}
    for path in product_files():
        if not relative(path).startswith("casso/ui/"):
            continue
        for node in ast.walk(tree_of(path)):
            found |= dict.fromkeys(_icons_of(node), relative(path))
    return found


def _icons_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Assign) and "SIGNS" in ast.unparse(node.targets[0]):
        return [pair[1] for pair in ast.literal_eval(node.value)]
    if not isinstance(node, ast.Call):
        return []
    given = [word.value for word in node.keywords if word.arg == "sign"]
    called = ast.unparse(node.func)
    if called in DRAWING or (called == "state" and len(node.args) > 1):
        given += node.args[:1]
    return [one.value for one in given if isinstance(one, ast.Constant) and one.value]


def test_every_named_icon_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "assets" / "icons.svg").read_text()))
    missing = {name: path for name, path in named_icons().items() if name not in sprite}
    assert missing == {}
    assert len(named_icons()) > 25
