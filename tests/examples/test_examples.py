"""Runs of the files in `examples/`. pytest collects `test_recommendation_service.py` by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from personalize_mock.synthetic import generate

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments, cwd, example="objective_optimization.py"):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    program = [sys.executable, str(EXAMPLES / example), *map(str, arguments)]
    ran = subprocess.run(program, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def trade_offs(output):
    """Return the trade-off tables of three attributes: name -> (NDCG@25, mean of the attribute, mean percentile)."""
    tables = []
    for text in output.split("Relevance and")[1:]:
        rows = (line.split() for line in text.strip().splitlines()[3:8])
        tables.append({name: (float(ndcg), float(mean), float(share)) for name, ndcg, _, mean, share in rows})
    return tables


def check_trade_offs(output):
    tables = trade_offs(output)
    assert len(tables) == 3
    for rows in tables:
        check_trade_off(rows)


def check_trade_off(rows):
    ndcg, mean, share = ([rows[level][column] for level in ("OFF", "LOW", "MEDIUM", "HIGH")] for column in range(3))
    assert mean == sorted(set(mean))
    assert share == sorted(set(share))
    assert ndcg[1] <= 1.05 * ndcg[0]
    assert ndcg[1] > ndcg[2] > ndcg[3] > 0.2 * ndcg[0]
    assert ndcg[0] >= 1.8 * rows["popularity"][0]


def test_the_objective_example_prints_and_draws_the_trade_off_of_generated_data(tmp_path):
    output = run("--test-users", 150, cwd=tmp_path)
    check_trade_offs(output)
    pytest.importorskip("matplotlib")
    assert (tmp_path / "objective_optimization.png").read_bytes().startswith(b"\x89PNG")


def test_the_objective_example_prints_the_trade_off_of_real_ratings(tmp_path, real_data):
    check_trade_offs(run(real_data, "--attribute", "YEAR", "--test-users", 150, cwd=tmp_path))


def test_the_comparison_of_recipes_prints_metrics_of_all_recipes_and_similar_items(tmp_path):
    shop = generate(users=300, items=700, interactions=8_000, seed=0)
    for name in ("interactions", "items", "users"):
        (tmp_path / f"{name}.csv").write_text(getattr(shop, name), encoding="utf-8")
    output = run(tmp_path, "--length", 3, cwd=tmp_path, example="recipe_comparison.py")
    ndcg = {
        cells[0]: float(cells[1])
        for cells in (line.split() for line in output.splitlines())
        if cells and cells[0].startswith("aws-") and len(cells) > 4
    }
    assert len(ndcg) == 11
    assert ndcg["aws-user-personalization"] > ndcg["aws-popularity-count"] > 0
    assert output.count("Similar to ") == 3


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.ipynb")))
def test_all_cells_of_a_notebook_run(tmp_path, name):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    assert any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")  # kept in the file
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
