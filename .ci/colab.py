"""Run notebooks as a Colab user would: package installed, nbdev absent, outside the checkout.

    python colab.py FOLDER [NAME...]

Cells flagged slow, long, cuda or notest, and cells with `eval: false`, are left out. Needs nbclient and ipykernel."""
import importlib.util, os, re, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

skip = re.compile(r'^\s*#\s*\|\s*(slow|long|cuda|notest|eval:\s*false)\b', re.M | re.I)

ansi = re.compile(r'\x1b\[[0-9;]*m')

def run(path):
    "Seconds that the notebook at `path` took, and its error if any"
    nb, t0 = nbformat.read(path, as_version=4), time.time()
    nb.cells = [c for c in nb.cells if c.cell_type == 'code' and not skip.search(c.source)]
    err = None
    with tempfile.TemporaryDirectory() as cwd:
        try: NotebookClient(nb, timeout=900, kernel_name='python3', resources={'metadata': {'path': cwd}}).execute()
        except CellExecutionError as e: err = f'{path.name}: ' + ansi.sub('', str(e))
        except Exception as e: err = f'{path.name}: {type(e).__name__}: {e}'
    print(f"= {path.name:28} {time.time()-t0:5.0f} s  {'FAILED' if err else 'ok'}", flush=True)
    return err

def main(folder, *names):
    if importlib.util.find_spec('nbdev'): sys.exit("nbdev can be imported here: a Colab user does not have it")
    import ddpm_nb
    nbs = sorted(p.resolve() for p in Path(folder).glob('*.ipynb') if p.name[0] not in '_.' and (not names or p.stem in names))
    if not nbs: sys.exit(f"No notebooks in {folder}")
    here = Path(ddpm_nb.__file__).resolve()
    if nbs[0].parent.parent in here.parents: sys.exit(f"{here} is in the checkout, not an installed package")
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool: errs = [e for e in pool.map(run, nbs) if e]
    print(*errs, sep='\n' + '-'*80 + '\n')
    sys.exit(bool(errs))

if __name__ == '__main__': main(*sys.argv[1:])
