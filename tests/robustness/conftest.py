import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "robustness"), str(TESTS / "support"), str(TESTS.parent / "tools")]
