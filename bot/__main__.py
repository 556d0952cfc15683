"""The command `tocsin`, also as `python -m bot`."""

from bot import cli


def main() -> None:
    """Run the command line; leaves the process with 0, 1 (it failed) or 2 (what was given cannot be used)."""
    cli.app()


if __name__ == "__main__":
    main()
