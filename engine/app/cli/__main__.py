"""`python -m engine.app.cli`: the same as `forecast`."""

from engine.app.cli import main

if __name__ == "__main__":
    main()
