"""The programs of tools/gpu_check: what they are made of, and how many compilers at once make them."""
import concurrent.futures
import glob
import hashlib
import os
import pathlib
import shutil
import subprocess
import sysconfig
import time
from dataclasses import dataclass, field


@dataclass
class Program:
    name: str
    sources: list
    kind: str = "cuda"  # "test": a test file, with the stand-ins; "host": for the CPU, by the C++ compiler
    flags: list = field(default_factory=list)
    seconds: float = 20  # of one core to compile, roughly: the longest begin first
    error: str = ""
    path: pathlib.Path = None


# Test programs that need the simulated GPU itself.
SIMULATED_ONLY = {"cuda/runtime.cpp", "cuda/available.cpp"}

# Core seconds of nvcc 13.0 for one architecture, where they are more than 30.
COMPILE_SECONDS = {"cuda_networks": 70, "cuda_networks_fp32": 70, "layers_max_pool_cuda": 80, "layers_avg_pool_cuda": 60, "layers_batch_norm_cuda": 60,
                   "layers_conv_cuda": 53, "cuda_elementwise": 42, "cuda_passes": 42, "cuda_product": 40,
                   "layers_dense_cuda": 37}


def test_programs(top):
    """Every test of kernels, found by its place as tests/CMakeLists.txt finds it."""
    tests = top / "tests"
    files = sorted(tests.glob("cuda/*.cpp")) + sorted(tests.glob("**/cuda*.cpp"))
    for file in dict.fromkeys(files):
        name = str(file.relative_to(tests))
        if name in SIMULATED_ONLY or name.split("/")[0] in ("simt", "gpu"):
            continue
        program = name.removesuffix(".cpp").replace("/", "_")
        yield Program(program, [f"tests/{name}"], "test", seconds=COMPILE_SECONDS.get(program, 30))


def all_programs(top):
    machine = [str(f.relative_to(top)) for part in ("machine", "runtime")
               for f in sorted((top / f"tests/simt/{part}").glob("*.cpp"))]
    programs = [
        Program("ceilings", ["benchmarks/gpu/ceilings.cu"], seconds=10),
        Program("products", ["benchmarks/gpu/products.cu"], seconds=10),
        Program("primitives", ["tests/simt/conformance.cu", "tests/simt/conformance/on_machine.cpp", *machine],
                seconds=60),
        Program("digits", ["benchmarks/gpu/digits.cpp"], flags=["-x", "cu"], seconds=40),
        Program("digits_cpu", ["benchmarks/gpu/digits.cpp"], "host", seconds=25),
    ]
    for net, seconds in [("r1", 40), ("r5", 50), ("r12", 40), ("vgg16", 50)]:
        programs.append(Program(net, [f"benchmarks/gpu/{net}.cu"], seconds=seconds))
    return programs + list(test_programs(top))


class Compilers:
    """nvcc, the C++ compiler, and where cuBLASLt lies."""

    def __init__(self, architecture, strict=False):
        self.architecture, self.strict = architecture, strict
        self.nvcc = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
        self.cxx = shutil.which(os.environ.get("CXX", "g++")) or shutil.which("c++")
        self.cublas = self.find_cublas()

    def find_cublas(self):
        """Flags for the header and the library: the toolkit's own, or those that Python's packages bring."""
        root = pathlib.Path(self.nvcc).resolve().parents[1] if self.nvcc else pathlib.Path("/usr/local/cuda")
        if glob.glob(f"{root}/**/cublasLt.h", recursive=True) and glob.glob(f"{root}/**/libcublasLt.so", recursive=True):
            return ["-lcublasLt"]
        for site in {sysconfig.get_path("purelib"), *glob.glob("/opt/*/.venv/lib/python3*/site-packages")}:
            headers = glob.glob(f"{site}/nvidia/**/cublasLt.h", recursive=True)
            libraries = glob.glob(f"{site}/nvidia/**/libcublasLt.so.*", recursive=True)
            if headers and libraries:
                folder = os.path.dirname(libraries[0])
                return ["-I", os.path.dirname(headers[0]), libraries[0], "-Xlinker", f"-rpath={folder}"]
        return None

    def command(self, program, output):
        if program.kind == "host":
            return [self.cxx, "-std=c++20", "-O3", "-march=native", "-I", "include", "-I", "tests", *program.sources,
                    "-o", output, "-pthread"]
        a = self.architecture
        command = [self.nvcc, "-std=c++20", "-O2", "-lineinfo", f"-gencode=arch=compute_{a},code=sm_{a}"]
        sources = list(program.sources)
        if program.kind == "test":
            command += ["-I", "tests/gpu/stand_ins", "-x", "cu"]
            sources.append("tests/gpu/main.cpp")
        command += ["-I", "include", "-I", "tests"]
        if self.strict:  # another compiler's new warnings should not cost a day on a GPU
            command += ["-Werror", "all-warnings", "-Xcompiler", "-Wall,-Wextra"]
        # Tests declare members for the layers' contract that no code of a test names.
        command += ["-diag-suppress", "177", *program.flags, *sources, "-o", output]
        command += self.cublas or []  # what needs it does not compile then, and the rest does
        return command


def fingerprint(top):
    """Of everything that the programs are made of."""
    sums = hashlib.sha256()
    for folder in ("include", "tests", "benchmarks/gpu"):
        for file in sorted((top / folder).rglob("*")):
            if file.suffix in (".hpp", ".cuh", ".cu", ".cpp"):
                sums.update(str(file.relative_to(top)).encode() + b"\0" + file.read_bytes() + b"\0")
    return sums.hexdigest()


def build(program, top, folder, compilers, tree, limit):
    """Compiles a program unless it is there and new; sets its path, or its error. Returns the seconds it took."""
    folder.mkdir(parents=True, exist_ok=True)
    output, stamp = folder / program.name, folder / f"{program.name}.stamp"
    command = compilers.command(program, str(output))
    if None in command:
        program.error = "no nvcc" if program.kind != "host" else "no C++ compiler"
        return 0
    mark = hashlib.sha256((" ".join(command[1:]) + tree).encode()).hexdigest()
    if output.exists() and stamp.exists() and stamp.read_text() == mark:
        program.path = output
        return 0
    begin = time.monotonic()
    try:
        run = subprocess.run(command, cwd=top, capture_output=True, text=True, timeout=limit)
        report, failed = run.stdout + run.stderr, run.returncode != 0
    except subprocess.TimeoutExpired:
        report, failed = f"compiling took more than {limit:.0f} s", True
    (folder / f"{program.name}.log").write_text(report)
    if failed:
        program.error = next((line for line in report.splitlines() if "error" in line), report.strip()[-200:])
    else:
        program.path = output
        stamp.write_text(mark)
    return time.monotonic() - begin


def build_all(programs, top, folder, compilers, jobs, limit, done):
    """Begins to compile all, the longest first, and returns futures by name; `done(program, seconds)` hears of each."""
    tree = fingerprint(top)
    pool = concurrent.futures.ThreadPoolExecutor(jobs)

    def one(program):
        seconds = build(program, top, folder, compilers, tree, limit)
        done(program, seconds)
        return program

    order = sorted(programs, key=lambda p: -p.seconds)
    futures = {p.name: pool.submit(one, p) for p in order}
    pool.shutdown(wait=False)
    return futures
