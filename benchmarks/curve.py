"""The Frechet distance while a run trains: the averaged weights of each checkpoint that it kept, drawn and measured.

    ddpm_train ... --keep 21 --out runs/cifar10
    python benchmarks/curve.py runs/cifar10 --data cifar10 --space resnet20 [--n 2000] [--steps 10]

Writes curve.json into the folder of the run; a point that is there is not measured again.
"""
import argparse, json, os
from pathlib import Path
os.environ.setdefault('OMP_NUM_THREADS', '1')
import torch
from ddpm_nb.checkpoints import start_from
from ddpm_nb.cli_eval import in_precision
from ddpm_nb.core import write_json
from ddpm_nb.data import get_data
from ddpm_nb.features import bundled_space, resnet20_space
from ddpm_nb.fid import fd_report
from ddpm_nb.sampling import DDPM, labelled
from ddpm_nb.solvers import dpm_2m_step
from ddpm_nb.speed import fast
from ddpm_nb.training import read_checkpoint

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('run', type=Path)
    p.add_argument('--data', default='cifar10')
    p.add_argument('--space', default='resnet20', help='resnet20, or a bundled classifier')
    p.add_argument('--weights', help='file of weights for resnet20')
    p.add_argument('--n', type=int, default=2000)
    p.add_argument('--steps', type=int, default=10, help='of the multistep solver')
    a = p.parse_args()
    torch.set_num_threads(1)
    ddpm, bs = DDPM.load(a.run), json.loads((a.run/'settings.json').read_text())['bs']
    space = resnet20_space(path=a.weights) if a.space=='resnet20' else bundled_space(a.space)
    real = space.collect(get_data(a.data)[1].images)
    file = a.run/'curve.json'
    points = json.loads(file.read_text()) if file.is_file() else {}
    for f in sorted(a.run.glob('checkpoint-[0-9]*.safetensors')):
        if f.name in points: continue
        there = start_from(f, ddpm)
        fast(there.network)
        x = there.sample(a.n, steps=a.steps, step=dpm_2m_step, around=in_precision(labelled, torch.bfloat16), bs=100)
        r = fd_report(space.collect(x), real, space)
        points[f.name] = dict(images=bs*len(read_checkpoint(f)[0]['log.train']), fd=r['value'], interval=r['interval'], n=a.n, steps=a.steps, space=space.name)
        write_json(file, points)
        print(f.name, points[f.name], flush=True)

if __name__=='__main__': main()
