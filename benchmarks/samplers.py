"""One model, many samplers: the table of DDIM's paper (steps by eta 0, .2, .5, 1 and sigma-hat) and the solvers at about ten evaluations, counted (a first step from nearly pure noise costs Heun and PLMS one less).

All rows draw from the same seeds, with classes in turn, in bfloat16, by a compiled network (`torch.compile`, which takes two
minutes and then draws a third faster). A row can be stopped and goes on where it was. It is measured as a whole, and its first
images again, so that long rows, which have fewer images, can be compared with short ones at equal count. Writes samplers.json
beside this file; a row that is there is not repeated, and several processes can share the rows. `--against` draws nothing: it
adds to each row that is there its distance without bias, and how much further from the real images it is than another, by
pairs of equal seeds; some pairs of their own go to samplers_pairs.json.

    python benchmarks/samplers.py digits [--n 10000] [--n-long 10000]
    python benchmarks/samplers.py fashion_mnist [--n 10000] [--n-long 2000] [--only 'ddim-0 ' ...]
    python benchmarks/samplers.py digits --against 'ddim-1 1000'
"""
import argparse, fcntl, json, os, time
from pathlib import Path
os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
from ddpm_nb.cli_eval import in_precision
from ddpm_nb.cli_sample import sampler_step, spacings
from ddpm_nb.core import generator, to_uint8, write_json
from ddpm_nb.data import get_data
from ddpm_nb.features import bundled_space
from ddpm_nb.fid import deal_out, fd_difference, fd_interval, fd_report
from ddpm_nb.pretrained import pretrained
from ddpm_nb.sampling import labelled
from ddpm_nb.speed import fast

path, runs, first_seed, part = Path(__file__).with_suffix('.json'), Path(__file__).parent.parent/'runs'/'samplers', 1_000_000, 100
etas = {'ddim-0': ('ddim', 0.), 'ddim-0.2': ('ddim', .2), 'ddim-0.5': ('ddim', .5), 'ddim-1': ('ddim', 1.), 'sigma-hat': ('sigma-hat', None)}
jobs = {f'{k} {n}': (*v, n, 'even') for n in (10, 20, 50, 100) for k,v in etas.items()} # name: sampler, eta, steps, grid
jobs |= {f'{k} 1000': (*etas[k], 1000, 'even') for k in ('ddim-0', 'ddim-1', 'sigma-hat')}
jobs |= {f'{s} {steps} {grid}': (s, 0. if s=='ddim' else None, steps, grid)
    for s,steps in (('dpmpp', 10), ('plms', 9), ('plms', 10), ('heun', 5), ('heun', 6), ('ddim', 10)) for grid in ('even', 'quadratic') if (s,grid)!=('ddim','even')}
pairs = (('ddim-0 20', 'ddim-0 1000'), ('dpmpp 10 quadratic', 'ddim-0 1000'), ('dpmpp 10 quadratic', 'ddim 10 quadratic'), ('plms 10 even', 'ddim-0 10'),
    ('heun 6 quadratic', 'heun 6 even'), ('heun 6 even', 'ddim-0 10'), ('dpmpp 10 quadratic', 'dpmpp 10 even'), ('ddim-1 10', 'ddim-0 10'), ('ddim-0.5 10', 'ddim-0 10')) # compared with each other by `--against`

def sampler(ddpm, name):
    "draw(seeds) -> images in [-1, 1], by a row's name"
    s, eta, steps, grid = jobs[name]
    ts, step, y = spacings[grid](ddpm.n_steps, steps), sampler_step(s, eta), len(ddpm.classes)
    return lambda seeds: ddpm.sample(seeds=seeds, ts=ts, y=[k % y for k in seeds], step=step, around=in_precision(labelled, torch.bfloat16), bs=part)

def folder_of(a, name): return runs/a.model/name.replace(' ', '_')

def stored(a, name, n):
    "The first images of a row that was drawn, uint8 (n, C, H, W)"
    folder = folder_of(a, name)
    return torch.from_numpy(np.concatenate([np.load(folder/f'{i:03d}.npy') for i in range(n//part)])).permute(0,3,1,2)

def drawn(a, ddpm, name, n):
    "Images uint8 (n, C, H, W), a file for each part; and the CPU seconds of an image, if any was drawn now"
    folder, draw, spent, made = folder_of(a, name), sampler(ddpm, name), 0., 0
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n//part):
        f = folder/f'{i:03d}.npy'
        if f.is_file(): continue
        if not made: draw([0]*part) # the first time compiles
        start = time.process_time()
        x = to_uint8(draw(range(first_seed + part*i, first_seed + part*(i+1))))
        spent, made = spent + time.process_time()-start, made+part
        np.save(f.with_suffix('.new.npy'), x)
        f.with_suffix('.new.npy').replace(f)
    return stored(a, name, n), spent/made if made else None

def evaluations(ddpm, name):
    "How often the network is asked for an image, counted"
    calls = []
    def counting(network, y):
        f = labelled(network, y)
        def call(x, t):
            calls.append(len(x))
            return f(x, t)
        return call
    s, eta, steps, grid = jobs[name]
    ddpm.sample(2, ts=spacings[grid](ddpm.n_steps, steps), step=sampler_step(s, eta), around=counting)
    return sum(calls)//2

def row(a, ddpm, plain, real, space, name):
    "Draw and measure, all and the first ones"
    x, seconds = drawn(a, ddpm, name, a.n_long if jobs[name][2]>=100 else a.n)
    s, eta, steps, grid = jobs[name]
    full, short = (fd_report(v, real, space) for v in (x, x[:a.n_short]))
    return dict(sampler=s, eta=eta, steps=steps, grid=grid, evaluations=evaluations(plain, name), samples=len(x), fd=full['value'], interval=full['interval'],
        short_samples=len(x[:a.n_short]), short_fd=short['value'], short_interval=short['interval'], seconds_each=seconds, space=space.name)

def compare(a, space, real):
    "How much further each row is than another, with equal seeds and as many images"
    rows, features = json.loads(path.read_text()), {}
    dealt = lambda f, i=0: deal_out(f.split(256), 10, generator(0, 12, i))
    mine = {k.split(': ')[1]: r for k,r in rows.items() if k.startswith(a.model+':')}
    for name,r in mine.items(): features[name] = space.collect(stored(a, name, r['samples']))
    def further(first, second):
        n = min(mine[k]['samples'] for k in (first, second))
        d = fd_difference(dealt(features[first][:n]), dealt(features[second][:n]), dealt(real, 1))
        return dict(further=d['corrected'], further_interval=d['corrected_interval'], further_with_bias=d['value'], further_samples=n)
    for name,r in mine.items():
        d = further(name, a.against)
        print(f"{name:20}{d['further']:8.3f}  {d['further_interval'][0]:8.3f} .. {d['further_interval'][1]:7.3f}", flush=True)
        rows[f'{a.model}: {name}'] |= dict(corrected=fd_interval(dealt(features[name]), dealt(real, 1))['corrected'], against=a.against, **d)
    write_json(path, rows)
    file = path.with_name('samplers_pairs.json')
    old = json.loads(file.read_text()) if file.is_file() else {}
    write_json(file, {**old, a.model: [dict(first=p, second=q, **further(p, q)) for p,q in pairs if p in mine and q in mine]})

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('model', choices=('digits', 'fashion_mnist'))
    p.add_argument('--n', type=int, default=10_000)
    p.add_argument('--n-long', type=int, default=2000, help='samples of rows of 100 steps and more')
    p.add_argument('--n-short', type=int, default=2000, help='first samples of a row that are measured again')
    p.add_argument('--only', nargs='*', default=[''], help='rows whose names hold one of these')
    p.add_argument('--against', metavar='ROW', help='compare the rows that are there with this one')
    a = p.parse_args()
    torch.set_num_threads(1)
    space = bundled_space(a.model)
    real = space.collect(get_data(a.model)[1].images)
    if a.against: return compare(a, space, real)
    torch._inductor.config.freezing = True
    ddpm, plain = pretrained(a.model), pretrained(a.model)
    ddpm.network = torch.compile(fast(ddpm.network).eval())
    runs.mkdir(parents=True, exist_ok=True)
    rows = lambda: json.loads(path.read_text()) if path.is_file() else {}
    for name in (k for o in a.only for k in sorted(jobs, key=lambda k: jobs[k][2]) if o in k):
        key = f'{a.model}: {name}'
        with open(runs/f"{key.replace(': ', '_').replace(' ', '_')}.lock", 'w') as lock:
            try: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError: continue # another process draws it
            if key in rows(): continue
            new = row(a, ddpm, plain, real, space, name)
            with open(runs/'write.lock', 'w') as one:
                fcntl.flock(one, fcntl.LOCK_EX)
                write_json(path, {**rows(), key: new})
            print(key, new, flush=True)

if __name__=='__main__': main()
