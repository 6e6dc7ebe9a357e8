#!/usr/bin/env python3
"""Runs one script of system tests against the daemon of a preset; closes with the line `N passed, N failed`."""

import argparse
import importlib.util
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for scripts that lie elsewhere
import box  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--preset", default="dev")
parser.add_argument("script", type=Path)
parser.add_argument("tests", nargs="*", help="only these: Class.test_name")
chosen = parser.parse_args()
sys.path.insert(0, str(chosen.script.resolve().parent))
box.use_preset(chosen.preset)

spec = importlib.util.spec_from_file_location(chosen.script.stem, chosen.script)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
loader = unittest.defaultTestLoader
suite = loader.loadTestsFromNames(chosen.tests, module) if chosen.tests else loader.loadTestsFromModule(module)
result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
bad = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed")
sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
