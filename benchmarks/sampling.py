"""One trained model, many ways to draw from it: solver, steps, eta, guidance. Frechet distance, label accuracy, evaluations.

Every row draws from the same seeds, so rows differ by the sampler and not by luck. Images are kept in runs/sampling, and a run
that was stopped goes on where it was; several processes may work on one table (--part 0/2 and --part 1/2). Distances are to the
held-out images in the features of the bundled classifier. Writes sampling.json beside this file.

    python benchmarks/sampling.py --model runs/flagship --table ddim       the table of the DDIM paper: steps by eta
    python benchmarks/sampling.py --model runs/flagship --table solvers    ten evaluations of each solver against 1000 ancestral ones
    python benchmarks/sampling.py --model runs/flagship --table guidance   the guidance scale
    python benchmarks/sampling.py --model runs/flagship --show             what is there
"""
import argparse, json, math, os
from functools import partial
from pathlib import Path
os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
from ddpm_nb.core import as_device, to_tensor, to_uint8, write_json
from ddpm_nb.data import get_data
from ddpm_nb.ddim import ddim_step, sigma_hat_step
from ddpm_nb.features import bundled_space
from ddpm_nb.fid import fd_score
from ddpm_nb.guidance import guided
from ddpm_nb.sampling import DDPM, ancestral_step, even_steps, labelled
from ddpm_nb.solvers import dpm_2m_step, dpm_3m_step, heun_step, plms_step

here = Path(__file__).resolve().parent
samplers = dict({f'eta {e}': partial(ddim_step, eta=e) for e in (0.,.2,.5,1.)}, hat=sigma_hat_step, ancestral=ancestral_step,
    dpmpp=dpm_2m_step, dpmpp3=dpm_3m_step, heun=heun_step, plms=plms_step)

def rows_of(table, big, small):
    "The rows of a table: sampler, steps, images, guidance scale"
    ddim = [f'eta {e}' for e in (0.,.2,.5,1.)] + ['hat']
    if table=='ddim': return [(s, k, n, 1.) for n,ks in ((small, (10,20,50,100)), (big, (10,20,50))) for k in ks for s in ddim] + [(s, 1000, small, 1.) for s in (ddim[0], ddim[3], ddim[4])]
    if table=='full': return [(s, k, big, 1.) for k in (10,20,50,100,1000) for s in ddim if k<1000 or s in (ddim[0], ddim[3], ddim[4])]
    if table=='solvers': return [(s, 5 if s=='heun' else 10, small, 1.) for s in ('dpmpp','dpmpp3','heun','plms','eta 0.0')] + [('ancestral', 1000, small, 1.)]
    return [('dpmpp', 20, big, g) for g in (0., 1., 1.5, 2., 3.)]

def draw(ddpm, folder, sampler, steps, n, scale, bs, precision):
    "uint8 images (n, H, W, C) with classes in turn; chunks that are there are read"
    folder.mkdir(parents=True, exist_ok=True)
    parts, classes = [], len(ddpm.classes or [])
    for i in range(0, n, bs):
        file = folder/f'{i:06d}.npy'
        if not file.is_file():
            seeds = range(i, min(i+bs, n))
            y = torch.tensor([s%classes for s in seeds]) if classes else None
            with torch.autocast('cpu', torch.bfloat16, enabled=precision=='bfloat16'):
                x = ddpm.sample(seeds=list(seeds), y=y, ts=even_steps(ddpm.n_steps, steps), step=samplers[sampler], bs=bs, around=labelled if scale==1 else guided(scale))
            np.save(folder/'part.npy', to_uint8(x))
            os.replace(folder/'part.npy', file)
        parts.append(np.load(file))
    return np.concatenate(parts)

def measure(images, real, space, classes):
    "One row of the table"
    x = to_tensor(images)
    right = (torch.cat([space.classify(b).argmax(1) for b in x.split(500)])==torch.arange(len(x))%classes).float().mean().item() if classes else None
    return dict(fd=fd_score(x, real, space)['value'], accuracy=right)

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--model', type=Path, required=True)
    p.add_argument('--data', default='fashion_mnist')
    p.add_argument('--table', choices=['ddim','full','solvers','guidance'])
    p.add_argument('--big', type=int, default=10_000, help='images of a row')
    p.add_argument('--small', type=int, default=2000, help='images of a row with many steps')
    p.add_argument('--bs', type=int, default=100)
    p.add_argument('--part', default='0/1', help='which rows, such as 0/2 for every second one')
    p.add_argument('--precision', choices=['float32','bfloat16'], default='float32')
    p.add_argument('--show', action='store_true')
    a = p.parse_args()
    path = here/'sampling.json'
    read = lambda: json.loads(path.read_text()) if path.is_file() else {}
    if a.table:
        ddpm, (_, valid), space = DDPM.load(a.model), get_data(a.data), bundled_space(a.data)
        real, (k, m) = to_tensor(valid.images), map(int, a.part.split('/'))
        for s,steps,n,scale in rows_of(a.table, a.big, a.small)[k::m]:
            name = f'{s}, {steps} steps, {n} images' + (f', guidance {scale}' if scale!=1 else '') + (f', {a.precision}' if a.precision!='float32' else '')
            images = draw(ddpm, here.parent/'runs'/'sampling'/a.model.name/name.replace(' ', '_').replace(',', ''), s, steps, n, scale, a.bs, a.precision)
            row = dict(evaluations=steps*(2 if s=='heun' else 1), **measure(images, real, space, len(ddpm.classes or [])))
            all_rows = read()
            write_json(path, {**all_rows, a.model.name: {**all_rows.get(a.model.name, {}), name: row}})
            print(name, row, flush=True)
    for model,rows in read().items():
        for name,r in rows.items(): print(f"{model:12s} {name:50s} {r['evaluations']:5d} evaluations  FD {r['fd']:8.3f}" + (f"  right {r['accuracy']:.3f}" if r['accuracy'] is not None else ''))

if __name__=='__main__': main()
