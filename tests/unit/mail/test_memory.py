"""How much memory a large mail takes, measured on a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

_HEAD = 'b"From: a@b.example\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n"'
_FILE = 'b"Content-Type: image/png\\r\\nContent-Transfer-Encoding: {}\\r\\n\\r\\n"'
_TEXT = 'b"From: a@b.example\\r\\nContent-Type: text/{}; charset=utf-8\\r\\n\\r\\n"'
LARGE = {
    "base64": f'{_HEAD} + {_FILE.format("base64")} + (b"QUJD" * 19 + b"\\r\\n") * 320_000',
    "broken base64": f'{_HEAD} + {_FILE.format("base64")} + (b"QUJ=" * 19 + b"\\r\\n") * 320_000',
    "quoted-printable": f'{_HEAD} + {_FILE.format("quoted-printable")} + b"=41=\\r\\n" * 4_000_000',
    "uuencode": f'{_HEAD} + {_FILE.format("uuencode")} + (b"M" + b"A" * 60 + b"\\r\\n") * 390_000',
    "text": f'{_TEXT.format("plain")} + "wörd wörd\\r\\n".encode() * 1_900_000',
    "HTML": f'{_TEXT.format("html")} + b"<p>word word</p>\\r\\n" * 1_400_000',
    "lone CR": 'b"From: a@b.example\\rSubject: s\\r\\r" + b"word word\\r" * 2_500_000',
    "parts": f'{_HEAD} + b"\\r\\nx\\r\\n--b\\r\\n" * 2_700_000',
}
_SCRIPT = """
from pathlib import Path
from emailchannel.mail.parse import parse

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

parse(b"From: a@b\\r\\nContent-Type: text/html\\r\\n\\r\\n<blockquote type=cite>x</blockquote>")
raw = {source}
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
before = kilobytes("VmRSS")
parse(raw)
print((len(raw) + 1024 * (kilobytes("VmHWM") - before)) / len(raw))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, as on Lambda")
@pytest.mark.parametrize("kind", LARGE)
def test_a_mail_of_25_mb_takes_at_most_five_times_its_size(kind: str) -> None:
    functions = Path(__file__).parents[3] / "functions"
    answer = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(source=LARGE[kind])],
        env={"PYTHONPATH": str(functions)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(answer.stdout) <= 5, answer.stdout
