"""A language model as one more proposer, against a local fake of the service."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from engine.app.cli import main
from engine.app.inbox import load_inbox
from engine.app.ingest import ingest
from engine.app.ingest_llm import Endpoint, ask_all, endpoint
from engine.errors import ForecastError
from engine.extraction.llm import answered
from tests.extraction.conftest import HOME

QUOTE = "Talks in Brussels went on behind closed doors."


@pytest.fixture
def service():
    asked = []

    class Fake(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(
                (self.headers.get("Authorization"), json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            claim = {
                "indicator": "rok-nato-standing/rok-briefs-nato",
                "stance": "affirms",
                "modality": "actual",
                "source": "nato",
                "quote": QUOTE,
            }
            told = [
                claim,
                {**claim, "quote": "Not in the article."},
                {**claim, "indicator": "no/such"},
                {**claim, "probability": 0.9},
            ]
            body = json.dumps({"choices": [{"message": {"content": json.dumps({"claims": told})}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "fake", "secret", seconds=5), asked
    server.shutdown()


@pytest.fixture
def ingested(kit, inbox, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"A quiet day in Brussels\n\nOctober 24, 2024\n\n{QUOTE}\n")
    return ingest([path], kit, inbox)


def test_only_verbatim_quotes_of_known_indicators_become_claims(service, ingested, kit, inbox):
    to, asked = service
    told = ask_all(ingested, kit, to, lambda shown: shown[0].n_sentences >= 1)
    assert (told[0].added, len(told[0].dropped)) == (1, 2)
    claim = load_inbox(inbox)[0].claims[0]
    assert (claim.by, claim.status, claim.quote) == ("llm", "proposed", QUOTE)
    assert asked[0][0] == "Bearer secret"
    assert "probability" not in json.dumps(asked[0][1]["response_format"])


def test_nothing_is_sent_without_consent(service, ingested, kit):
    to, asked = service
    assert ask_all(ingested, kit, to, lambda _: False) == []
    assert asked == []


def test_a_silent_service_is_told_and_the_rules_stand(ingested, kit):
    told = ask_all(ingested, kit, Endpoint("http://127.0.0.1:9/v1", "none", seconds=1), lambda _: True)
    assert "gave no usable answer" in told[0].error


def test_the_key_is_never_shown():
    to = endpoint({"FORECAST_LLM_URL": "https://x.org/v1", "FORECAST_LLM_KEY": "secret"})
    assert "secret" not in repr(to)
    with pytest.raises(ForecastError, match="FORECAST_LLM_URL"):
        endpoint({})


def test_a_service_that_refuses_ends_with_one_after_all_is_written(tmp_path, inbox, monkeypatch):
    monkeypatch.setenv("FORECAST_LLM_URL", "http://127.0.0.1:9/v1")
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"A quiet day in Brussels\n\nOctober 24, 2024\n\n{QUOTE} {name}\n")
    words = ["ingest", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--inbox", str(inbox)]
    done = CliRunner().invoke(main, [*words, "--scenarios", str(HOME / "scenarios"), "--proposer", "llm", "--yes"])
    assert done.exit_code == 1
    assert "gave no answer about 2 of 2" in done.stderr
    assert done.stdout.count("gave no usable answer") == 2
    assert len(load_inbox(inbox)) == 2


@pytest.mark.parametrize("entry", [{"quote": 1}, {"source": ["nato"]}, {"stance": {}}, {"modality": []}])
def test_a_claim_of_another_shape_is_dropped(ingested, kit, entry):
    claim = {"indicator": "rok-nato-standing/rok-briefs-nato", "source": "nato", "quote": QUOTE}
    told = json.dumps({"claims": [{**claim, "stance": "affirms", "modality": "actual", **entry}]})
    kept, dropped = answered({"choices": [{"message": {"content": told}}]}, ingested[0].review, kit)
    assert (kept, len(dropped)) == ((), 1)
