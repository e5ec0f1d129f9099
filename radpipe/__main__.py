"""``python -m radpipe``."""

from radpipe.cli import main

if __name__ == "__main__":
    main()
