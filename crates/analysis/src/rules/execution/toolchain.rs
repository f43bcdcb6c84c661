//! Commands that honest builds run.

/// Compilers, build systems, probes and version control: what native builds start with constant arguments. Sorted.
const TOOLS: &[&str] = &[
    "ar",
    "arch",
    "as",
    "autoconf",
    "autoreconf",
    "bison",
    "brew",
    "cargo",
    "cc",
    "ccache",
    "cl",
    "cl.exe",
    "clang",
    "clang++",
    "cmake",
    "configure",
    "ctest",
    "cython",
    "diff",
    "dpkg-architecture",
    "dumpbin",
    "echo",
    "electron-rebuild",
    "file",
    "find",
    "flex",
    "g++",
    "gcc",
    "getconf",
    "gfortran",
    "git",
    "gmake",
    "go",
    "hg",
    "husky",
    "install_name_tool",
    "is-ci",
    "java",
    "javac",
    "jupyter",
    "ld",
    "ldconfig",
    "ldd",
    "lerna",
    "libtool",
    "lipo",
    "llvm-config",
    "ls",
    "ls-remote",
    "make",
    "meson",
    "mkdir",
    "msbuild",
    "mysql_config",
    "nasm",
    "ninja",
    "nm",
    "node-gyp",
    "node-gyp-build",
    "node-pre-gyp",
    "nvcc",
    "nvidia-smi",
    "objdump",
    "opencollective",
    "opencollective-postinstall",
    "otool",
    "patch",
    "patch-package",
    "patchelf",
    "perl",
    "pg_config",
    "pkg-config",
    "pkgconf",
    "playwright",
    "prebuild-install",
    "protoc",
    "pybind11-config",
    "qmake",
    "ranlib",
    "readelf",
    "rustc",
    "rustup",
    "sed",
    "sphinx-build",
    "strip",
    "svn",
    "sw_vers",
    "swig",
    "sysctl",
    "tar",
    "test",
    "touch",
    "true",
    "tsc",
    "uname",
    "vcvarsall.bat",
    "vswhere",
    "vswhere.exe",
    "which",
    "where",
    "xcode-select",
    "xcodebuild",
    "xcrun",
];

/// Options of Python and Node that only ask or build.
const MODULES: &[&str] = &[
    "build",
    "build_ext",
    "compileall",
    "cython",
    "ensurepip",
    "grpc_tools",
    "mesonbuild",
    "nltk",
    "numpy",
    "playwright",
    "pybind11",
    "setuptools",
    "spacy",
    "sysconfig",
    "venv",
];

/// Whether a command line is one of an honest build.
pub fn is_honest_build(line: &str) -> bool {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['\'', '"']));
    let Some(first) = words.next() else { return false };
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
    let plain = [".exe", ".cmd", ".bat"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let rest: Vec<&str> = words.collect();
    if ["python", "python3", "py", "node", "{}"].contains(&plain) {
        let module = rest.iter().position(|word| *word == "-m").and_then(|at| rest.get(at + 1));
        return module.is_some_and(|module| MODULES.iter().any(|own| module.starts_with(own)))
            || rest.first().is_some_and(|word| matches!(*word, "-V" | "--version" | "setup.py" | "-p"));
    }
    if matches!(plain, "npm" | "pnpm" | "yarn") {
        // The web pages of a package are built from its own sources and lockfile.
        let builds = |word: &str| word.starts_with("build");
        return match rest.as_slice() {
            ["ci" | "pack", ..] => true,
            ["run", word, ..] | [word] => builds(word),
            _ => false,
        };
    }
    let versioned = plain.trim_end_matches(|one: char| one.is_ascii_digit() || one == '.' || one == '-');
    TOOLS.binary_search(&plain).is_ok()
        || TOOLS.contains(&plain)
        || TOOLS.contains(&versioned)
        || plain.ends_with("-config")
        || plain.ends_with("-gcc")
}
