"""The engine against what really happened: `pytest tests/validation -s`, where ../shared/data is there."""
