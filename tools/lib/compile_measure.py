"""One run of a compiler, measured: seconds, memory, size of the object, template instantiations."""

import dataclasses
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A program did not compile; the text is what the compiler said."""


@dataclasses.dataclass
class Figures:
    seconds: float  # user time of the compiler and its children, median over the repetitions
    megabytes: float  # the largest process' peak of resident memory, in MiB, largest over the repetitions
    object_kilobytes: float
    instantiations: int


class Compiler:
    """A compiler of the machine. `title` names it as budgets do: "g++ 12"."""

    def __init__(self, name, flags):
        self.name = name
        self.path = shutil.which(name) or shutil.which(name, path="/usr/local/cuda/bin")
        if not self.path:
            return
        kind = pathlib.Path(name).name
        self.kind = next((k for k in ("clang", "nvcc", "g++") if kind.startswith(k)), "g++")
        version = run([self.path, "--version"])[0]
        number = re.search(r"release (\d+)|version (\d+)", version) or re.search(r"\) (\d+)", version)
        major = next(filter(None, number.groups())) if number else "?"
        self.title = f"{'clang++' if self.kind == 'clang' else self.kind} {major}"
        # The width of vectors and the number of tiles follow from the processor: budgets are for one of them.
        self.machine = platform.machine()
        self.command = [self.path, "-std=c++20", *flags, "-I", str(TOP / "include")]
        if self.kind == "nvcc":
            self.command += ["-x", "cu"]

    def measure(self, source, folder, repeat):
        """Compiles the file `repeat` times. g++ counts on the way; the others run once more, up to the front end's end."""
        target = pathlib.Path(folder, "out.o")
        count = ["-Q"] if self.kind == "g++" else []
        runs = []
        for _ in range(repeat):
            target.unlink(missing_ok=True)
            runs.append(run([*self.command, *count, "-c", str(source), "-o", str(target)]))
        usages = [usage for _, usage in runs]
        instantiations = count_announced(parsed(runs[0][0])) if count else self.instantiations(source, folder)
        return Figures(statistics.median(usage.ru_utime for usage in usages),
                       max(usage.ru_maxrss for usage in usages) / 1024, target.stat().st_size / 1024, instantiations)

    def instantiations(self, source, folder):
        """How many templates the front end instantiates. A number of the compiler's version and library: it does not
        change from run to run, nor with the machine's load.

        g++: definitions of functions from templates, as `-Q` announces them; nvcc: the same of its host compiler.
        clang++: definitions of functions and of classes from templates, as `-ftime-trace` records them."""
        if self.kind == "clang":
            target = pathlib.Path(folder, "count.bc")
            run([*self.command, "-ftime-trace", "-ftime-trace-granularity=0", "-emit-llvm", "-Xclang",
                 "-disable-llvm-passes", "-c", str(source), "-o", str(target)])
            trace = target.with_suffix(".json").read_text(errors="replace")
            return len(re.findall(r'"name":"Instantiate(?:Function|Class)"', trace))
        command = [*self.command]
        if self.kind == "nvcc":
            unit = pathlib.Path(folder, "count.ii")
            run([*command, "--cuda", str(source), "-o", str(unit)])
            command, source = ["g++", "-std=c++20", "-w", "-x", "c++"], unit
        return count_announced(run([*command, "-Q", "-fsyntax-only", str(source)])[0])


def run(command):
    """What the command prints, and the resources it used. Throws Failed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               env={**os.environ, "LC_ALL": "C"})
    output = process.stdout.read().decode(errors="replace")
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{output[:4000]}")
    return output, usage


def parsed(text):
    """What `g++ -Q` announces until it optimises: from there on it names functions a second time."""
    return text.split(" <*free_lang_data>")[0]


def count_announced(text):
    """Functions that `g++ -Q` announces with a list of template arguments: "int f(T) [with T = int]". Arguments may
    hold such names themselves, and a function of an instance goes on behind the list: "f() [with T = int]::<lambda()>"
    counts once."""
    count, brackets = 0, []
    for match in re.finditer(r"\[with |\[|\]", text):
        if match.group() != "]":
            brackets.append(match.group() != "[")
        elif brackets and brackets.pop() and not brackets and not text.startswith("::", match.end()):
            count += 1
    return count
