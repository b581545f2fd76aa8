"""Mail built to exhaust the reader, read in a child process whose time and memory are measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURE = """
import json, resource, sys, time
from casso.services.reading import read_mail
head = b"From: a@b.example\\nSubject: Fwd: x\\n"
read_mail(head + b"\\nwarm")
raw = eval(sys.stdin.read())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
found = read_mail(raw)
print(json.dumps({
    "seconds": time.process_time() - start,
    "grown_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    "defects": found.mail.defects,
    "files": len(found.mail.attachments),
}))
"""
MIXED = "head + b'Content-Type: multipart/mixed; boundary=b\\n\\n' + "
NESTED = (
    "head + b''.join(b'Content-Type: multipart/a; boundary=b%d\\n\\n'"
    " b'--b%d\\n' % (number, number) for number in range(500))"
)
PLAIN = "head + b'\\n' + "
BOMBS = {
    "nested 500 deep": (
        NESTED,
        2,
        50,
        "nested deeper than the limit, left out",
    ),
    "20 000 parts": (
        MIXED + "b'--b\\nContent-Type: a/b\\n\\nx\\n' * 20_000",
        3,
        60,
        "more parts than the limit, left out",
    ),
    "20 000 texts": (MIXED + "b'--b\\n\\nhello\\n' * 20_000", 3, 60, "more parts than the limit, left out"),
    "a long line": ("b'X: ' + b'a' * 10_000_000 + b'\\n' + head", 2, 60, "header longer than the limit, cut"),
    "many lines": ("b'a:b\\n' * 1_000_000 + head", 2, 60, "header longer than the limit, cut"),
    "many recipients": (
        "head + b'To: ' + b'a@b.cc,\\n ' * 1_000_000",
        3,
        60,
        "header longer than the limit, cut",
    ),
    "20 MB of text": (PLAIN + "b'hello world\\n' * 1_700_000", 4, 160, "body longer than the limit, cut"),
    "html tables": (
        "head + b'Content-Type: text/html\\n\\n<table>' + b'<tr><td>a</td></tr>' * 200_000",
        8,
        120,
        "body longer than the limit, cut",
    ),
    "quoted lines": (PLAIN + "b'> ' * 500_000 + b'\\n> x' * 50_000", 4, 100, ""),
    "soft breaks": (
        "head + b'Content-Type: text/plain; format=flowed\\n\\n' + b'a \\n' * 400_000",
        4,
        160,
        "",
    ),
    "uuencode starts": (PLAIN + "b'begin 644 x\\n' * 100_000", 4, 100, ""),
    "encoded words": ("head + b'To: ' + b'=?a?q?' * 40_000 + b'\\n\\nx'", 3, 60, ""),
    "parentheses": ("b'From: ' + b'(' * 200_000 + b'a@b.cc\\n\\nx'", 3, 60, ""),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_stays_within_time_and_memory_and_is_named(name: str) -> None:
    expression, seconds, megabytes, defect = BOMBS[name]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=expression,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    assert found["seconds"] < seconds
    assert found["grown_mb"] < megabytes
    assert not defect or defect in found["defects"]
    assert found["files"] <= 500
