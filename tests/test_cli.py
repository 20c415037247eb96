"""The commands: what they print, what they write, how they end. Small projects, and the shipped one."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yamlrocks
from builders import GRADES, article, files, indicator, report, scenario
from click.testing import CliRunner

from engine.app.cli import main

ROOT = Path(__file__).parents[1]
SHIPPED = [str(ROOT / "scenarios")]
QUICK = ["--engine", "importance", "--draws", "1000"]
QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}
DIMS = {"chain", "draw", "scenario", "indicator", "source", "year"}
HEAVY = {"pymc", "pytensor", "numba", "arviz", "arviz_stats", "xarray", "pandas", "matplotlib"}


def small(**more):
    """Three scenarios with a driver, indicators, a quantity and reports, as dicts by name; and their articles."""
    scenarios = {
        "alpha": scenario(0.3, title="Alpha comes", indicators={"seen": indicator()}, relevancy=4, signals=["sign"]),
        "beta": scenario(
            0.2, title="Beta follows", drivers=[{"scenario": "alpha", "hazard_ratio": 3, "because": "B."}]
        ),
        "gamma": scenario(title="Gamma is many", prior=QUANTITY),
    }
    articles = [
        article(report("alpha/seen", "bob"), published="2024-02-01"),
        article(report("alpha/seen", "cat", "denies", 2), published="2024-03-01"),
        article(
            measurements=[{"scenario": "gamma", "source": "bob", "kind": "observed", "value": 3000}],
            forecasts=[{"scenario": "alpha", "source": "paper", "kind": "market", "probability": 0.4}],
            signals=[{"id": "sign", "name": "A sign", "relevancy": 3}],
            published="2024-04-01",
        ),
    ]
    return scenarios | more, articles


def written(folder, scenarios, articles=(), grades=GRADES):
    """The project on disk, `folder`/scenarios and `folder`/seeds; returns the former as text."""
    made = files(scenarios, articles, grades)
    for path, content in {**made.scenarios, **made.articles, **made.sources}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "scenarios/forecast.yaml").write_text("title: Small\nas_of: 2024-06-01\n", encoding="utf-8")
    return str(folder / "scenarios")


def forecast(*arguments):
    """The command in this process: no traceback, whatever comes of it."""
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert "Traceback" not in done.output
    return done


@cache
def fresh(*arguments, hash_seed="0"):
    """The command in a process of its own; the names of the modules it loaded come last on standard error."""
    program = (
        "import sys\nfrom engine.app.cli import main\n"
        "try: main(sys.argv[1:], prog_name='forecast')\n"
        "finally: print('modules', *sys.modules, file=sys.stderr)"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )


def loaded_by(done):
    return {name.split(".")[0] for name in done.stderr.rpartition("modules ")[2].split()}


@pytest.fixture
def project(tmp_path):
    return written(tmp_path, *small())


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The small project and the folder of one run of it, with what was printed."""
    folder = tmp_path_factory.mktemp("ran")
    name = written(folder, *small())
    done = forecast("run", name, *QUICK, "--output", folder / "runs")
    assert done.exit_code == 0, done.output
    (run,) = (folder / "runs").glob("*/")
    return name, run, done


def but_for_its_id(text):
    return re.sub(r'"run_id": "[^"]+"', "", text)


# --- run ---


def test_a_run_writes_its_report_and_its_draws_and_says_where(ran):
    _, run, done = ran
    assert {path.name for path in run.iterdir()} == {"report.json", "inputs.json", "posterior.nc"}
    assert run.name in done.stdout
    for title in ("Alpha comes", "Beta follows", "Gamma is many"):
        assert title in done.stdout
    assert "Sound." in done.stdout
    assert json.loads((run / "report.json").read_text())["run_id"] == run.name


def test_the_report_holds_what_the_layout_page_promises(ran):
    _, run, _ = ran
    told = json.loads((run / "report.json").read_text())
    assert {"format", "run_id", "as_of", "engine", "diagnostics", "scenarios"} <= set(told)
    assert told["format"] == 1
    assert told["as_of"] == "2024-06-01"
    assert {"version", "pymc", "seed"} <= set(told["engine"])
    checks = {"sound", "max_rhat", "min_ess", "divergences", "pareto_k", "max_engine_gap", "message"}
    assert checks <= set(told["diagnostics"])
    assert len(told["scenarios"]) == 3
    for one in told["scenarios"]:
        assert {
            "id", "title", "deadline", "status", "prior", "posterior", "shift_db", "outlook", "relevancy", "score",
            "n_articles", "n_reports", "n_witnesses", "evidence", "confidence",
        } <= set(one)  # fmt: skip
        assert {"probability", "interval"} <= set(one["prior"])
        assert {"probability", "interval", "mcse", "words"} <= set(one["posterior"])
        assert {"statement", "by", "probability", "low", "high"} <= set(one["outlook"])
        assert {len(one["outlook"][column]) for column in ("by", "probability", "low", "high")} == {10}
        assert {"rating", "interval"} <= set(one["relevancy"])
        assert {"level", "statement", "n_sources", "effective_sources", "prior_share"} <= set(one["confidence"])
        for line in one["evidence"]:
            assert {"indicator", "source", "stance", "articles", "decibans"} <= set(line)
    scores = [one["score"] for one in told["scenarios"]]
    assert scores == sorted(scores, reverse=True)


def test_the_draws_open_in_arviz_with_named_dims_and_are_those_of_the_report(ran):
    import arviz

    _, run, _ = ran
    told = json.loads((run / "report.json").read_text())
    with arviz.from_netcdf(run / "posterior.nc") as tree:
        posterior = tree["posterior"]
        assert set(posterior.dims) >= DIMS
        assert {"posterior", "prior", "sample_stats"} <= set(tree.children)
        mean = posterior["probability"].mean(("chain", "draw"))
        for one in told["scenarios"]:
            # the report rounds to four places
            assert float(mean.sel(scenario=one["id"])) == pytest.approx(one["posterior"]["probability"], abs=5.1e-5)
            curve = posterior["outlook"].mean(("chain", "draw")).sel(scenario=one["id"])
            assert curve.values.tolist() == pytest.approx(one["outlook"]["probability"], abs=5.1e-5)
        assert posterior["indicator"].values.tolist() == ["alpha/seen"]
        assert set(posterior["source"].values.tolist()) >= {"bob", "cat"}
        assert posterior["year"].values.tolist() == list(range(2025, 2035))
        assert posterior.sizes["chain"] * posterior.sizes["draw"] == told["engine"]["draws"]


def test_json_on_standard_output_is_the_report_and_nothing_else(project, tmp_path):
    done = forecast("run", project, *QUICK, "--output", tmp_path / "runs", "--json", "-")
    assert done.exit_code == 0
    (run,) = (tmp_path / "runs").glob("*/")
    assert json.loads(done.stdout) == json.loads((run / "report.json").read_text())
    assert done.stdout.startswith("{")
    assert done.stdout.endswith("}\n")


def test_json_into_a_file_is_the_report_beside_the_table(project, tmp_path):
    done = forecast("run", project, *QUICK, "--output", tmp_path / "runs", "--json", tmp_path / "out.json")
    (run,) = (tmp_path / "runs").glob("*/")
    assert json.loads((tmp_path / "out.json").read_text()) == json.loads((run / "report.json").read_text())
    assert "Alpha comes" in done.stdout


def test_only_prints_some_and_writes_all(project, tmp_path):
    chosen = ["--only", "gamma", "--only", "beta"]
    done = forecast("run", project, *QUICK, *chosen, "--output", tmp_path / "runs", "--json", "-")
    assert {one["id"] for one in json.loads(done.stdout)["scenarios"]} == {"beta", "gamma"}
    (run,) = (tmp_path / "runs").glob("*/")
    assert len(json.loads((run / "report.json").read_text())["scenarios"]) == 3


def test_the_same_seed_gives_the_same_report_byte_for_byte(ran, tmp_path):
    name, run, _ = ran
    again, other = tmp_path / "again", tmp_path / "other"
    forecast("run", name, *QUICK, "--output", again)
    forecast("run", name, *QUICK, "--seed", "2", "--output", other)
    first, second, third = (
        but_for_its_id(next(path.glob("*/report.json")).read_text()) for path in (run.parent, again, other)
    )
    assert first == second != third


@pytest.fixture(scope="module")
def elsewhere(ran, tmp_path_factory):
    """The same run in a process of its own, where sets of text have another order."""
    output = str(tmp_path_factory.mktemp("elsewhere"))
    return fresh("run", ran[0], *QUICK, "--output", output, "--json", "-", hash_seed="7")


def test_another_process_gives_the_same_report_too(ran, elsewhere):
    done, run = elsewhere, ran[1]
    assert but_for_its_id(done.stdout) == but_for_its_id((run / "report.json").read_text())


def test_a_day_given_beats_the_project_s_own(project, tmp_path):
    done = forecast("run", project, *QUICK, "--as-of", "2024-02-15", "--output", tmp_path / "runs", "--json", "-")
    told = json.loads(done.stdout)
    assert told["as_of"] == "2024-02-15"
    assert sum(one["n_reports"] for one in told["scenarios"]) == 1


def test_the_shipped_story_runs(tmp_path):
    done = forecast("run", *SHIPPED, "--engine", "importance", "--output", tmp_path, "--json", "-")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["as_of"] == "2024-11-10"
    assert told["diagnostics"]["sound"], told["diagnostics"]["message"]
    assert len(told["scenarios"]) >= 7


def test_texts_are_shown_as_they_stand_and_not_as_markup(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # the title on one line
    title = "[/red] [bold]not bold[/bold] [link=x]"
    name = written(tmp_path, {"alpha": scenario(0.3, title=title, indicators={"seen": indicator(statement="[/x] S.")})})
    for done in (
        forecast("run", name, *QUICK, "--output", tmp_path / "runs"),
        forecast("show", "alpha", name, *QUICK),
    ):
        assert done.exit_code == 0
        assert "not bold[/bold]" in " ".join(done.stdout.split())


# --- refusals ---


def nothing_written(folder):
    return not [path for path in Path(folder).rglob("*") if path.name in {"report.json", "posterior.nc", "runs"}]


@pytest.mark.parametrize("command", [["run", "--only", "alpa"], ["show", "alpa"]])
def test_an_unknown_scenario_is_refused_with_the_nearest(command, project, tmp_path):
    name, *rest = command
    # show takes the scenario first, run the folder
    arguments = [*rest, project] if name == "show" else [project, *rest, "--output", tmp_path / "runs"]
    done = forecast(name, *arguments, *QUICK)
    assert done.exit_code == 1
    assert "alpa: is no scenario here. Did you mean alpha?" in done.stderr
    assert not done.stdout
    assert nothing_written(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--draws", "3"],
        ["run", "--engine", "magic"],
        ["run", "--as-of", "yesterday"],
        ["run", "--seed", "-1"],
        ["run", "--sed", "1"],
        ["run", "a", "b"],
        ["show"],
        ["schema", "scenarios"],
        ["forecats"],
    ],
    ids=" ".join,
)
def test_a_command_that_makes_no_sense_ends_with_two(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = forecast(*arguments)
    assert done.exit_code == 2
    assert not done.stdout
    assert not list(tmp_path.iterdir())


FAULTY = {
    "an unknown field": {"scenarios/beta.yaml": b'{"title": "B", "oppens": 1}'},
    "no YAML": {"scenarios/beta.yaml": b"title: [unclosed"},
    "no text": {"seeds/article-000.yaml": b"\xff\xfe\x00"},
    "an empty file": {"seeds/article-001.yaml": b""},
    "a number for a mapping": {"scenarios/beta.yaml": b"7"},
    "faulty settings": {"scenarios/forecast.yaml": b"as_of: soon"},
    "no such seeds": {"scenarios/forecast.yaml": b"seeds: ../nowhere"},
    "no sources": {"seeds/sources.yaml": None},
}


@pytest.mark.parametrize("what", FAULTY)
@pytest.mark.parametrize("command", ["run", "check", "show", "sources"])
def test_faulty_files_are_refused_with_a_message_and_nothing_is_written(what, command, project, tmp_path):
    for path, content in FAULTY[what].items():
        (tmp_path / path).unlink()
        if content is not None:
            (tmp_path / path).write_bytes(content)
    arguments = {"run": ["--output", tmp_path / "runs", *QUICK]}.get(command, [])
    done = forecast(command, *(["alpha"] if command == "show" else []), project, *arguments)
    assert done.exit_code == 1
    assert done.stderr.strip()
    assert not done.stdout
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("command", ["run", "check", "sources"])
def test_a_folder_that_is_not_there_is_refused(command, tmp_path):
    done = forecast(command, tmp_path / "nowhere")
    assert done.exit_code == 1
    assert "nowhere: is no folder" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("day", ["2000-01-01", "9999-12-31"])
def test_a_day_out_of_reach_is_refused_with_a_message(day, project, tmp_path):
    """Before anything opens; and so late that the outlook would leave the calendar."""
    done = forecast("run", project, *QUICK, "--as-of", day, "--output", tmp_path / "runs")
    assert done.exit_code == 1
    assert day in done.stderr
    assert nothing_written(tmp_path)


def test_an_output_folder_that_cannot_be_is_refused(project, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = forecast("run", project, *QUICK, "--output", tmp_path / "file" / "runs")
    assert done.exit_code == 1
    assert "--output" in done.stderr
    assert nothing_written(tmp_path)


def test_a_json_file_that_cannot_be_written_is_refused(project, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = forecast("run", project, *QUICK, "--output", tmp_path / "out", "--json", tmp_path / "file" / "x.json")
    assert done.exit_code == 1
    assert "file" in done.stderr


def test_a_schema_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = forecast("schema", "--write", tmp_path / "file" / "schemas")
    assert done.exit_code == 1
    assert "file" in done.stderr


def controls(text):
    return {f"U+{ord(one):04X}" for one in text if unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t"}


ESCAPE = "\x1b]0;owned\x07\x1b[2J"


SPOILED = {
    "title": (("scenarios", "alpha", "title"), f"T{ESCAPE}"),
    "direction mark": (("scenarios", "alpha", "question"), "\u202eT"),
    "one-byte escape": (("scenarios", "alpha", "note"), "\x9b31m"),
    "basis": (("scenarios", "alpha", "prior", "basis"), f"B{ESCAPE}"),
    "field name": (("scenarios", "alpha", f"note{ESCAPE}"), "x"),
    "indicator id": (("scenarios", "alpha", "indicators", f"i{ESCAPE}"), indicator()),
    "driver": (("scenarios", "beta", "drivers", 0, "scenario"), f"alpha{ESCAPE}"),
    "signal": (("scenarios", "alpha", "signals", 0), f"sign{ESCAPE}"),
    "publisher": (("articles", 0, "publisher"), f"bob{ESCAPE}"),
    "report": (("articles", 0, "reports", 0, "indicator"), f"alpha/seen{ESCAPE}"),
    "stance": (("articles", 0, "reports", 0, "stance"), f"affirms{ESCAPE}"),
    "signal name": (("articles", 2, "signals", 0, "name"), f"N{ESCAPE}"),
    "address": (("articles", 0, "url"), f"https://x.org/{ESCAPE}"),
    "date": (("articles", 0, "published"), f"2024{ESCAPE}"),
    "source id": (("grades", f"zoe{ESCAPE}"), "A"),
    "file name": (("scenarios", f"delta{ESCAPE}"), scenario()),
}


@pytest.mark.parametrize(("place", "value"), SPOILED.values(), ids=SPOILED)
def test_terminal_escapes_are_refused_at_the_door_and_never_printed(place, value, tmp_path):
    scenarios, articles = small()
    made = {"scenarios": scenarios, "articles": articles, "grades": dict(GRADES)}
    inner = made
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    done = forecast("check", written(tmp_path, **made))
    assert done.exit_code == 1
    assert not controls(done.output)


# --- strict, and broken off ---


def test_strict_ends_with_three_when_the_answer_is_not_to_be_trusted(tmp_path):
    """A plan pins the peak down, so that of 800 draws too few count."""
    plan = {"scenario": "gamma", "source": "ann", "kind": "projected", "value": 12_000, "credibility": 1}
    name = written(tmp_path, {"gamma": scenario(prior=QUANTITY)}, [article(measurements=[plan], publisher="ann")])
    arguments = ["run", name, *QUICK, "--draws", "400", "--output", tmp_path / "runs"]  # the last --draws counts
    strict = forecast(*arguments, "--strict")
    assert strict.exit_code == 3
    assert "not to be trusted" in strict.stderr
    assert "Not sound." in strict.stdout
    assert forecast(*arguments).exit_code == 0


def test_strict_says_nothing_when_all_is_well(project, tmp_path):
    done = forecast("run", project, *QUICK, "--strict", "--output", tmp_path / "runs", "--json", "-")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["diagnostics"]["sound"]
    assert not done.stderr


def broken_off(*_args, **_kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "where",
    [
        "engine.app.notebook.forecast",
        "engine.app.reporting.report_of",
        "engine.app.runs.write_netcdf",
        "engine.app.runs.groups_of",
    ],
)
def test_ctrl_c_leaves_no_half_written_run(where, project, tmp_path, monkeypatch):
    import engine.app.notebook
    import engine.app.reporting
    import engine.app.runs  # noqa: F401

    monkeypatch.setattr(where, broken_off)
    done = forecast("run", project, *QUICK, "--output", tmp_path / "runs")
    assert done.exit_code != 0
    assert not list((tmp_path / "runs").glob("*"))


def test_a_disk_that_fills_up_leaves_no_half_written_run(project, tmp_path, monkeypatch):
    import engine.app.runs

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine.app.runs, "write_netcdf", full)
    done = forecast("run", project, *QUICK, "--output", tmp_path / "runs")
    assert done.exit_code == 1
    assert "No space left on device" in done.stderr
    assert not list((tmp_path / "runs").glob("*"))


# --- check ---


def test_check_says_what_is_there(project):
    done = forecast("check", project)
    assert done.exit_code == 0
    assert "Fine: 3 scenarios, 3 articles with 2 reports" in done.stdout
    assert not done.stderr


def test_check_finds_the_shipped_files_fine():
    done = forecast("check", *SHIPPED)
    assert done.exit_code == 0, done.output


def test_check_finds_every_fault_of_every_file(tmp_path):
    scenarios, articles = small()
    scenarios["alpha"]["deadline"] = "2023-01-01"
    scenarios["beta"]["drivers"][0]["scenario"] = "alhpa"
    scenarios["gamma"]["prior"] = {"probability": 1.5}
    articles[0]["reports"][0]["indicator"] = "alpha/sean"
    articles[1]["publisher"] = "kat"
    done = forecast("check", written(tmp_path, scenarios, articles, GRADES | {"zoe": "Z"}))
    assert done.exit_code == 1
    for place in ("alpha.yaml:1: deadline", "beta.yaml:1: drivers.0.scenario", "gamma.yaml:1: prior.probability",
                  "article-000.yaml:1: reports.0.indicator", "article-001.yaml:1: publisher", "sources.yaml:1: zoe.reliability"):  # fmt: skip
        assert place in done.stderr, place
    assert "Nothing more was done." in done.stderr
    assert not done.stdout


def test_check_warns_and_still_ends_well(tmp_path):
    far = scenario(prior={"probability": 0.9, "base_rate": {"events": 1, "years": 100}})
    done = forecast("check", written(tmp_path, {"alpha": far}))
    assert done.exit_code == 0
    assert re.search(r"warning: .*alpha\.yaml:1: prior\.probability: .* dB away", done.stdout)


# --- show, sources ---


def test_show_prints_a_scenario_in_full(project):
    done = forecast("show", "alpha", project, *QUICK)
    assert done.exit_code == 0
    for section in (
        "Alpha comes",
        "Q?",
        "Deadline",
        "Prior",
        "Posterior",
        "Confidence",
        "Evidence",
        "Outlook",
        "Signals",
        "A sign",
        "Sound.",
    ):
        assert section in done.stdout, section
    assert "30 %" in done.stdout
    for source in ("bob", "cat"):
        assert re.search(rf"{source}\s+{GRADES[source]}\d\s+(affirms|denies)", done.stdout)
    assert len(re.findall(r"\d{4}-06-01\s+[\d<>]+ %", done.stdout)) == 10


def test_show_says_when_a_scenario_is_not_open_yet(tmp_path):
    folder = written(tmp_path, *small(delta=scenario(opens="2024-09-01")))
    done = forecast("show", "delta", folder, *QUICK)
    assert done.exit_code == 1
    assert "delta: opens on 2024-09-01" in done.stderr


def test_show_prints_drivers_with_their_reasons(project):
    done = forecast("show", "beta", project, *QUICK)
    assert re.search(r"Drivers\n\s+alpha\s+hazard x 3\s+B\.", done.stdout)


def test_show_writes_nothing(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    forecast("show", "alpha", project, *QUICK)
    assert sorted(tmp_path.rglob("*")) == before


def test_sources_names_every_source_that_speaks(project):
    done = forecast("sources", project, *QUICK)
    assert done.exit_code == 0
    assert {"bob", "cat"} <= set(done.stdout.lower().split())


def test_sources_names_every_source_of_the_shipped_story_on_a_plain_terminal(monkeypatch):
    """80 columns: whatever has to give way, it is not the name."""
    monkeypatch.setenv("COLUMNS", "80")
    done = forecast("sources", *SHIPPED, "--draws", "400")
    assert done.exit_code == 0
    for name in ("rok-nis", "us-pentagon", "dprk-government"):
        assert name in done.stdout or name.split("-")[-1] in done.stdout, name


# --- schema ---


def test_schema_prints_what_is_shipped():
    told = json.loads(forecast("schema").stdout)
    assert set(told) == {"scenario", "article", "sources", "settings"}
    for kind, one in told.items():
        assert json.loads(forecast("schema", kind).stdout) == one
        shipped = ROOT / "engine" / "schemas" / f"{kind}.schema.json"
        assert json.loads(shipped.read_text(encoding="utf-8")) == one, (
            f"{shipped.name}: run `forecast schema --write engine/schemas`"
        )
        jsonschema.Draft202012Validator.check_schema(one)


def test_schema_writes_what_it_prints(tmp_path):
    assert forecast("schema", "--write", tmp_path / "schemas").exit_code == 0
    shipped = ROOT / "engine" / "schemas"
    assert {path.name: path.read_text() for path in (tmp_path / "schemas").iterdir()} == {
        path.name: path.read_text() for path in shipped.iterdir()
    }


NO_RECORDS = {"lexicon.yaml"}
"""Words for the rules, read by no schema."""
YAML = [
    path
    for room in ("scenarios", "seeds")
    for path in sorted((ROOT / room).glob("*.yaml"))
    if path.name not in NO_RECORDS
]


def kind_of(path):
    named = {"forecast.yaml": "settings", "sources.yaml": "sources"}
    return named.get(path.name, "scenario" if path.parent.name == "scenarios" else "article")


@pytest.fixture(scope="module")
def validators():
    return {kind: jsonschema.Draft202012Validator(one) for kind, one in json.loads(forecast("schema").stdout).items()}


def test_every_shipped_yaml_file_is_valid_by_its_schema(validators):
    assert len(YAML) > 20
    faults = [
        f"{path.name}: {error.json_path}: {error.message}"
        for path in YAML
        for error in validators[kind_of(path)].iter_errors(yamlrocks.loads(path.read_bytes()))
    ]
    assert not faults


def test_every_shipped_yaml_file_names_its_schema_on_its_first_line():
    for path in YAML:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named, f"{path.name}: {first}"
        schema = (path.parent / named[1]).resolve()
        assert schema == ROOT / "engine" / "schemas" / f"{kind_of(path)}.schema.json", path.name
        assert schema.is_file()


# --- what is loaded ---


def test_the_quick_engine_loads_no_sampler(elsewhere):
    assert elsewhere.returncode == 0
    assert not loaded_by(elsewhere) & HEAVY


@pytest.mark.parametrize("arguments", [("--help",), ("check", *SHIPPED), ("schema",)], ids=" ".join)
def test_help_and_check_answer_without_numpy(arguments):
    done = fresh(*arguments)
    assert done.returncode == 0
    assert not loaded_by(done) & (HEAVY | {"numpy", "scipy"})


def test_a_reader_who_has_seen_enough_gets_no_traceback():
    shown = subprocess.Popen(
        [sys.executable, "-m", "engine.app.cli", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    shown.stdout.close()
    _, told = shown.communicate(timeout=30)
    assert b"Traceback" not in told
