"""The same CSV through ``normalise_to_parquet``."""

import sys

from recal_labs.normalise import normalise_to_parquet

if __name__ == "__main__":
    normalise_to_parquet(sys.argv[1], sys.argv[2])
