"""The evaluations of the Fashion-MNIST model in the package that its notebook shows, from `ddpm_eval`.

About two hours of one processor core. An evaluation whose folder is complete is not repeated, and one that was stopped goes on.
Writes fashion_mnist.json beside this file, each evaluation with its command.

    python benchmarks/fashion_mnist.py
"""
import json, os, subprocess
from pathlib import Path
from ddpm_nb.core import write_json

top = Path(__file__).resolve().parent.parent
every, three, short = '--metrics fd,kid,pr,dc,acc,cas', '--metrics fd,pr,acc --nearest 0 --floor 0', '--n 2000 --sampler dpmpp --steps 10'
evaluations = {f'guided_{g:g}': f'{short} --guidance {g:g} {three}' for g in (1, 1.5, 2)} | dict(
    ten=f'--n 10000 --sampler dpmpp --steps 10 {every}',
    louder=f"--n 10000 --sampler dpmpp --steps 10 --guidance 1.5 {three.replace('acc', 'acc,cas')}",
    fifty=f'--n 10000 --sampler ddim --steps 50 --eta 0 {every}')

def main():
    out, env = {}, os.environ | dict(OMP_NUM_THREADS='1')
    for name,options in evaluations.items():
        folder = f'runs/fashion_evals/{name}'
        command = f'ddpm_eval --model fashion_mnist --data fashion_mnist --precision bfloat16 {options} --out {folder}'
        if not (top/folder/'eval.json').is_file(): subprocess.run(command.split(), cwd=top, env=env, check=True)
        ev = json.loads((top/folder/'eval.json').read_text())
        out[name] = dict(command=command, **{k: ev[k] for k in ('generated', 'real', 'settings', 'versions', 'results')})
    write_json(Path(__file__).with_suffix('.json'), out)

if __name__=='__main__': main()
