"""The rooms of the house, in the order they may lean on one another; the heavy packages, each behind one door."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[1] / "engine"

MAY_IMPORT = {
    "errors": set(),
    "probability": {"errors"},
    "records": {"errors", "probability"},
    "extraction": {"errors", "probability", "records"},
    "belief": {"errors", "probability", "records"},
    "analysis": {"errors", "probability", "records", "extraction", "belief"},
    "app": {"errors", "probability", "records", "extraction", "belief", "analysis"},
}
ONE_DOOR = {
    "pymc": {"belief/model.py"},
    "pytensor": {"belief/model.py"},
    "numba": {"belief/compiled.py"},
    "scoringrules": {"analysis/scores.py"},
    "arviz": {"belief/diagnostics.py"},
    "arviz_stats": {"belief/diagnostics.py"},
    "click": {"app/cli/"},
    "rich": {"app/"},
    "jinja2": {"app/page/"},
    "h5netcdf": {"app/"},
    "apsw": {"app/ledger_file.py"},
    "distributed": {"app/pools.py"},
    "matplotlib": {"app/picture.py"},
    "yamlrocks": {"records/", "extraction/", "app/"},
}
MODULES = sorted(ENGINE.rglob("*.py"))


def imports_of(path):
    """Every module imported anywhere in a file, however deep inside it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path):
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


def named(path):
    return path.relative_to(ENGINE).as_posix()


def test_there_are_rooms_to_look_into():
    assert {"errors", "probability", "records", "belief", "analysis", "app"} <= {room_of(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_room_imports_only_rooms_above_it(path):
    room = room_of(path)
    if room == "__init__":
        return  # the tour names everything
    assert room in MAY_IMPORT, f"{room} has no place in the order of the house"
    used = {name.split(".")[1] for name in imports_of(path) if name.startswith("engine.")}
    below = used - MAY_IMPORT[room] - {room}
    assert not below, f"{named(path)} leans on {sorted(below)}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_heavy_packages_are_imported_behind_one_door(path):
    used = {name.split(".")[0] for name in imports_of(path)}
    for package, doors in ONE_DOOR.items():
        if package in used:
            assert any(named(path).startswith(door) for door in doors), f"{named(path)} imports {package}"


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) != "app"], ids=named)
def test_only_the_app_touches_the_disk_the_clock_and_the_terminal(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    touching = {"open", "print", "input", "date.today", "datetime.now", "time.time", "Path"}
    assert not called & touching, f"{named(path)} calls {sorted(called & touching)}"


def loaded_by(statement):
    """Names of the modules loaded after a statement, in a fresh interpreter."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


@pytest.mark.parametrize(
    "statement",
    ["import engine", "import engine.app.files", "import engine.records.assembly", "import engine.errors"],
)
def test_reading_and_checking_files_loads_nothing_heavy(statement):
    heavy = {"pymc", "pytensor", "arviz", "arviz_stats", "pandas", "xarray", "numpy", "scipy", "matplotlib", "numba"}
    assert not loaded_by(statement) & heavy


def test_the_quick_engine_loads_no_sampler():
    assert not loaded_by("import engine.belief.inference, engine.analysis.forecast") & {
        "pymc", "pytensor", "arviz", "arviz_stats", "pandas", "xarray", "numba",
    }  # fmt: skip
