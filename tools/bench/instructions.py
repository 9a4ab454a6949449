"""Instructions for each byte of input, counted by valgrind: unlike a time, the same on every run.
Two lengths of input give the cost of a byte without that of starting up.
"""
import re
import shutil
import subprocess

from measure import Failed
from work import PLAIN

SIZES = (8 << 20, 16 << 20)
COLLECTED = re.compile(r"Collected : (\d+)")


def prefix(input_path, size, path):
    """The input's first events, some `size` bytes; returns how many. It ends behind an EOE."""
    with open(input_path, "rb") as file:
        data = file.read(size)
        data += file.readline()
    end = data.rfind(b"type=EOE ")
    if end >= 0:
        data = data[:data.find(b"\n", end) + 1]
    path.write_bytes(data)
    return len(data)


def count(sorrelctl, arguments, path):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sorrelctl, "decode",
                          *arguments, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = COLLECTED.search(run.stderr)
    if run.returncode != 0 or found is None:
        raise Failed(f"valgrind ended with {run.returncode}: {run.stderr.strip()[-400:]}")
    return int(found.group(1))


def per_byte(report, options, of_input, input_path, judged, work=PLAIN):
    label, most = work.label(of_input), work.max_instructions
    what, target = f"{label}: instructions per byte", f"at most {most}"
    if shutil.which("valgrind") is None:
        report.skip(what, "valgrind is not here", target)
        return
    path = options.folder / "prefix.log"
    (small, few), (large, many) = [
        (prefix(input_path, size, path), count(options.programs / "sorrelctl", work.arguments(options), path))
        for size in SIZES]
    path.unlink()
    if large - small < SIZES[0] // 2:
        report.skip(what, f"the input is too short: {large} bytes", target)
        return
    slope, quotient = (many - few) / (large - small), many / large
    report.judge(what, f"{quotient:.2f} over {large / 1e6:.1f} MB, start-up included; {slope:.2f} for each "
                 f"further byte", target, quotient <= most, judged, **{f"{label}_instructions_per_byte": quotient,
                                                                    f"{label}_instructions_slope": slope})
