"What the recipes share: images, the budget in CPU minutes, drawing 5,000 images and measuring them"
import argparse, itertools, json, math, os, resource, shutil, subprocess, sys, time
from functools import partial
from pathlib import Path
os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
import torch.nn.functional as F
from ddpm_nb.cli_train import lengths, validated
from ddpm_nb.core import generator, to_uint8, write_json
from ddpm_nb.data import fashion_mnist
from ddpm_nb.ddim import ddim_step
from ddpm_nb.features import bundled_space
from ddpm_nb.fid import fd_report
from ddpm_nb.sampling import DDPM
from ddpm_nb.speed import fast

top = Path(__file__).resolve().parent.parent.parent

def arguments(doc, *flags):
    "The options that all recipes have, and flags that make another run of one"
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--minutes', type=float, default=60, help='CPU minutes of training')
    p.add_argument('--n', type=int, default=5000, help='images to draw')
    p.add_argument('--steps', type=int, default=50, help='DDIM steps, eta 0')
    p.add_argument('--out', type=Path, default=top/'runs'/'recipes'/Path(sys.argv[0]).stem)
    for f in flags: p.add_argument(f, action='store_true')
    a = p.parse_args()
    a.out = a.out.with_name(a.out.name + ''.join(f.replace('--', '_') for f in flags if f in sys.argv))
    torch.set_num_threads(1)
    torch.manual_seed(0)
    a.out.mkdir(parents=True, exist_ok=True)
    agreed(a.out/'settings.json', minutes=a.minutes, steps=a.steps)
    return a

def agreed(file, **settings):
    "Keep the settings of a folder; stop if it was begun with others, since what is finished there is not made again"
    old = json.loads(file.read_text()) if file.is_file() else settings
    if old!=settings: sys.exit(f'{file.parent} was begun with {old}, now {settings} are asked for: choose another --out or delete it')
    write_json(file, settings)

def padded_images():
    "Training images as uint8 (60000, 1, 32, 32): a border of 2, for networks that halve the image more than twice"
    return F.pad(fashion_mnist()[0].images, (2,2,2,2))

class Budget:
    "CPU time of this process since now, all threads together, as a share of what may be spent"
    def __init__(self, minutes): self.minutes, self.start = minutes, time.process_time()
    def spent(self): return (time.process_time()-self.start)/60
    def share(self): return self.spent()/self.minutes

class Steps:
    "Counts steps until the budget is spent; keeps all that a training needs in a file, and goes on from there"
    def __init__(self, a, **parts):
        self.file, self.budget, self.parts, self.step = a.out/'training.pt', Budget(a.minutes), parts, 0
        if not self.file.is_file(): return
        old = torch.load(self.file, weights_only=False)
        for k,v in parts.items(): v.load_state_dict(old[k])
        torch.set_rng_state(old['rng'])
        self.step, self.budget.start = old['step'], self.budget.start - 60*old['spent']

    def keep(self):
        torch.save(dict({k: v.state_dict() for k,v in self.parts.items()}, rng=torch.get_rng_state(), step=self.step, spent=self.budget.spent()), self.file.with_suffix('.new'))
        self.file.with_suffix('.new').replace(self.file)

    def __call__(self, batches):
        for b in itertools.islice(batches, self.step, None):
            if self.budget.share() >= 1: return
            yield b
            self.step += 1
            if self.step%500==0:
                self.keep()
                print(f'step {self.step}, {self.budget.spent():.1f} CPU minutes', flush=True)

    def facts(self, bs): return dict(steps_trained=self.step, images=bs*self.step, cpu_minutes=self.budget.spent())

def cpu_of_run(out, images, *options):
    "CPU minutes of `ddpm_train` on Fashion-MNIST, start and pictures at the end included"
    used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])/60
    before = used()
    shutil.rmtree(out, ignore_errors=True) # a stopped run would go on, and count only the rest
    subprocess.run([sys.executable, '-c', 'from ddpm_nb.cli_train import ddpm_train; ddpm_train()', '--data', 'fashion_mnist', '--images', str(images), '--out', str(out), *options], check=True)
    return used() - before

def passes(images, bs):
    "Forward passes with gradients (worth three without) of a training by `ddpm_train`: the images, and those that its rows validate"
    s = dict(images=images, epochs=None, bs=bs)
    return images + lengths(s, 60_000)[1]*validated(s, 60_000)/3

def images_for(minutes, bs, small, large):
    "Images whose training takes a little less than a budget, by the CPU minutes of two short runs {images: minutes}"
    (n, a), (m, b) = small, large
    each = (b-a)/(passes(m, bs)-passes(n, bs))
    left = .97*minutes - (a - each*passes(n, bs)) # without start and pictures at the end
    fit = (k for k in range(int(left/each), 0, -bs) if each*passes(k, bs) <= left)
    return next(fit, None) or sys.exit(f'{minutes:g} CPU minutes are too few: start and pictures at the end alone take {minutes-left:.1f} of them')

def train_for(out, minutes, *options):
    "`ddpm_train` for as many images as fill a budget, by two short runs that say what a start and an image cost"
    out.mkdir(parents=True, exist_ok=True)
    agreed(out/'options.json', minutes=minutes, options=list(options))
    if (out/'facts.json').is_file(): return json.loads((out/'facts.json').read_text())
    tries = [(n, cpu_of_run(out/f'try{n}', n, *options)) for n in (1280, max(5120, 320*int(minutes)))]
    bs = json.loads((out/'try1280'/'settings.json').read_text())['bs']
    images = images_for(minutes, bs, *tries)
    minutes_used = cpu_of_run(out/'model', images, *options)
    seen = json.loads((out/'model'/'metrics.json').read_text())['images_seen'] # whole rows of the log, so a few more than were asked for
    write_json(out/'facts.json', dict(images=seen, cpu_minutes=minutes_used))
    return json.loads((out/'facts.json').read_text())

def shuffled(n, bs, seed=0):
    "Endless batches of indexes, an epoch after the other"
    k = 0
    while True:
        yield from (b for b in torch.randperm(n, generator=generator(seed, k)).split(bs) if len(b)==bs)
        k += 1

def draw(a, sample, bs=100, out=None):
    "Images (n, 1, 28, 28) in [-1, 1] of sample(n, seed) -> (n, 1, H, W); goes on where it was stopped"
    parts = []
    for i in range(math.ceil(a.n/bs)):
        f = (out or a.out)/f'images.{i:03d}.npy'
        if not f.is_file():
            x = sample(min(bs, a.n-i*bs), i)
            p = (x.shape[-1]-28)//2
            np.save(f, x[..., p:x.shape[-2]-p, p:x.shape[-1]-p].clamp(-1,1).cpu().half().numpy())
        parts.append(torch.from_numpy(np.load(f)).float())
        if len(parts[-1])!=min(bs, a.n-i*bs): sys.exit(f'{f} has {len(parts[-1])} images, it was drawn for another --n: delete it')
    return torch.cat(parts)

def sampler_of(a, out):
    "sample(n, seed) of a model that `train_for` trained, and its parameters"
    ddpm = DDPM.load(out/'model')
    fast(ddpm.network)
    return lambda n, seed: ddpm.sample(seeds=range(100*seed, 100*seed+n), steps=a.steps, step=partial(ddim_step, eta=0.)), sum(p.numel() for p in ddpm.network.parameters())

def seconds_each(sample, n=100):
    "CPU seconds that an image takes, drawn with others"
    sample(n, 10**6) # the first time is slower
    start = time.process_time()
    sample(n, 10**6)
    return (time.process_time()-start)/n

def finish(a, name, x, file='recipes.json', **facts):
    "Measure against the 10,000 test images; a row of a JSON file beside this folder"
    space, (train, test) = bundled_space('fashion_mnist'), fashion_mnist()
    score = lambda images: fd_report(images, test.images, space)
    r = score(torch.from_numpy(to_uint8(x)).permute(0,3,1,2))
    row = dict(facts, samples=len(x), steps=a.steps, space=space.name, fd=r['value'], interval=r['interval'], fd_real=score(train.images[:len(x)])['value'],
        command=f'python benchmarks/recipes/{Path(sys.argv[0]).name}' + ''.join(f' {o}' for o in sys.argv[1:]))
    path = top/'benchmarks'/file
    rows = json.loads(path.read_text()) if path.is_file() else {}
    write_json(path, {**rows, name: row})
    print(json.dumps({name: row}, indent=1))
