"""``python -m sikkerby_kg``: the same as ``sikkerby-kg``."""

from sikkerby_kg.cli import main

if __name__ == "__main__":
    main()
