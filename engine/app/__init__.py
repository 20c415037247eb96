"""The rim: files, runs, reports and the command line; the only room that knows disk, clock and terminal."""
