"""One model, many samplers: the table of DDIM's paper (steps by eta 0, .2, .5, 1 and sigma-hat) and the solvers at about ten evaluations, counted (a first step from nearly pure noise costs Heun and PLMS one less).

Each row is a draw by `ddpm_eval --keep`, from the same seeds, which can be stopped and goes on where it was. It is measured
as a whole, and its first images again, so that long rows, which have fewer images, can be compared with short ones at equal
count. Writes samplers.json beside this file, a row for each draw of each model; a row that is there is not repeated.

    python benchmarks/samplers.py --model digits --data digits [--n 10000] [--n-long 10000]
    python benchmarks/samplers.py --model fashion_mnist --data fashion_mnist [--n 10000] [--n-long 2000] [--only 'ddim-0 '...]
"""
import argparse, json, subprocess, sys
from pathlib import Path
import numpy as np
from ddpm_nb.cli_sample import sampler_step, spacings
from ddpm_nb.core import to_tensor, write_json
from ddpm_nb.data import get_data
from ddpm_nb.features import bundled_space
from ddpm_nb.fid import fd_score
from ddpm_nb.pretrained import find_model
from ddpm_nb.sampling import DDPM

path, runs = Path(__file__).with_suffix('.json'), Path(__file__).parent.parent/'runs'/'samplers'
etas = {f'ddim-{e:g}': ['--sampler', 'ddim', '--eta', f'{e:g}'] for e in (0, .2, .5, 1)} | {'sigma-hat': ['--sampler', 'sigma-hat']}
jobs = {f'{k} {n}': (n, ['--steps', f'{n}', *v]) for n in (10, 20, 50, 100) for k,v in etas.items()} # name: steps, options
jobs |= {f'{k} 1000': (1000, ['--steps', '1000', *etas[k]]) for k in ('ddim-0', 'ddim-1', 'sigma-hat')}
jobs |= {f'{s} {steps} {grid}': (steps, ['--steps', f'{steps}', '--sampler', s, '--spacing', grid])
    for s,steps in (('dpmpp', 10), ('plms', 9), ('plms', 10), ('heun', 5), ('heun', 6), ('ddim', 10)) for grid in ('even', 'quadratic') if (s,grid)!=('ddim','even')}

def draw(a, name, n):
    "Images uint8 (n, H, W, C), and the line of `eval.json` on their distance"
    keep = runs/Path(a.model).name/f"{name.replace(' ', '_')}.npz"
    keep.parent.mkdir(parents=True, exist_ok=True)
    words = ['--model', a.model, '--data', a.data, '--n', f'{n}', '--precision', a.precision, '--metrics', 'fd', '--nearest', '0', '--floor', '0', '--keep', f'{keep}', '--out', f"{keep.with_suffix('')}", '--overwrite']
    subprocess.run([sys.executable, '-c', 'from ddpm_nb.cli_eval import ddpm_eval; ddpm_eval()', *words, *jobs[name][1]], check=True)
    with np.load(keep) as z: return z['arr_0'], next(iter(json.loads((keep.with_suffix('')/'eval.json').read_text())['results'].values()))

def evaluations(a, options):
    "How often the network is asked for an image, counted"
    given = dict(zip(options[::2], options[1::2]))
    ddpm, calls = DDPM.load(find_model(a.model)), []
    ddpm.network.register_forward_pre_hook(lambda *_: calls.append(1))
    eta = given.get('--eta')
    ddpm.sample(1, ts=spacings[given.get('--spacing', 'even')](ddpm.n_steps, int(given['--steps'])), step=sampler_step(given['--sampler'], eta and float(eta)))
    return len(calls)

def row(a, name):
    "Draw and measure against the held-out images, all and the first ones"
    steps, options = jobs[name]
    n, space, valid = a.n_long if steps>=100 else a.n, bundled_space(a.data), to_tensor(get_data(a.data)[1].images)
    x, full = draw(a, name, n)
    first = x[:min(n, a.n_short)]
    return dict(steps=steps, evaluations=evaluations(a, options), options=' '.join(options), precision=a.precision, samples=n, fd=full['value'], interval=full['interval'], short_samples=len(first),
        short_fd=fd_score(to_tensor(first), valid, space)['value'], space=space.name)

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--model', default='digits')
    p.add_argument('--data', default='digits')
    p.add_argument('--n', type=int, default=10_000)
    p.add_argument('--n-long', type=int, default=2000, help='samples of rows of 100 steps and more')
    p.add_argument('--n-short', type=int, default=2000, help='first samples of a row that are measured again')
    p.add_argument('--precision', default='bfloat16', choices=('float32', 'bfloat16'))
    p.add_argument('--only', nargs='*', default=[''], help='rows whose names hold one of these')
    a = p.parse_args()
    for name in sorted((k for k in jobs if any(o in k for o in a.only)), key=lambda k: jobs[k][0]):
        key = f'{Path(a.model).name}: {name}'
        rows = json.loads(path.read_text()) if path.is_file() else {}
        if key in rows: continue
        new = row(a, name)
        rows = json.loads(path.read_text()) if path.is_file() else {} # another process may have written in the meantime
        write_json(path, {**rows, key: new})
        print(key, new, flush=True)

if __name__=='__main__': main()
