"""The table of the front page, from the files that `ddpm_eval` and `ddpm_train` wrote.

Scores come from those files; only the CPU seconds for an image are measured here, 100 images together on one thread. Writes
results.json beside this file, with the command that repeats each row. A row whose command is there already is replaced, the
others stay.

    python benchmarks/results.py emoji runs/emoji/eval
    python benchmarks/results.py runs/cifar10 runs/cifar10/eval   # a model that is not in the package
    python benchmarks/results.py --seconds          # the seconds of all rows again, on one machine
"""
import argparse, json, os, shlex, time
from pathlib import Path
os.environ.setdefault('OMP_NUM_THREADS', '1')
import torch
from ddpm_nb.cli_eval import eval_parser
from ddpm_nb.cli_sample import labels_by_seed, sampler_step
from ddpm_nb.core import write_json
from ddpm_nb.pretrained import find_model, model_card, pretrained_names
from ddpm_nb.sampling import DDPM, labelled
from ddpm_nb.speed import fast

top = Path(__file__).resolve().parent.parent
file = Path(__file__).with_suffix('.json')

usual_of = dict(precision='float32', spacing='even', seed=1_000_000, n_real=None, split='valid') # these are said where they are others

def command(name, s):
    "What repeats an evaluation of a model in the package, or of the model in a folder"
    options = {k: s[k] for k in ('n', 'metrics', 'sampler', 'steps', 'eta', 'guidance')} | {k: s[k] for k,usual in usual_of.items() if s.get(k) not in (None, usual)}
    if s['nearest']==0: options |= dict(nearest=0, floor=0) # neither neighbours nor the distance of real images
    data = name if name in pretrained_names() else f"{s['data']} --space {s['space']}"
    return f'ddpm_eval --model {name} --data {data} ' + ' '.join(f'--{k} {v:g}' if isinstance(v, float) else f'--{k} {v}' for k,v in options.items() if v is not None) + ' --extrapolate'*s['extrapolate'] + f" --out runs/{Path(name).name}_{s['sampler']}_{s['steps']}_{s['n']}" + (f"_{s['guidance']:g}" if s['guidance'] is not None else '')

def drawing(name, s):
    "Evaluations and CPU seconds for an image, counted and measured"
    ddpm, calls = DDPM.load(find_model(name)), []
    fast(ddpm.network).register_forward_pre_hook(lambda _, args: calls.append(len(args[0])))
    around = labelled if s['guidance'] is None else ddpm.guided(s['guidance'])
    y = labels_by_seed(list(range(len(ddpm.classes))), range(100))
    def draw():
        calls.clear()
        with torch.autocast('cpu', torch.bfloat16, enabled=s['precision']=='bfloat16'):
            ddpm.sample(100, y=y, steps=s['steps'], step=sampler_step(s['sampler'], s['eta']), around=around)
    draw() # the first time is slower
    start = time.process_time()
    draw()
    return dict(evaluations=sum(calls)//100, seconds_each=(time.process_time()-start)/100)

def measured(name, folder):
    "A row of a model"
    ev = json.loads((Path(folder)/'eval.json').read_text())
    of = {k.split(' (')[0]: v for k,v in ev['results'].items()}
    minutes = 60*model_card(name)['hours'] if name in pretrained_names() else json.loads((Path(name)/'metrics.json').read_text())['seconds']['training']/60
    row = dict(model=name, sampler=ev['generated'].split(', ', 1)[1].split(', classes')[0], **drawing(name, ev['settings']), samples=of['FD']['n_generated'], fd=of['FD']['value'], interval=of['FD']['interval'], training_minutes=minutes)
    if 'floor' in of['FD']: row['fd_real'] = of['FD']['floor']['value']
    if 'label accuracy' in of: row |= dict(label_accuracy=of['label accuracy']['value'], label_accuracy_real=of['label accuracy']['on_real'])
    if 'CAS' in of: row |= dict(cas=of['CAS']['value'], cas_real=of['CAS']['on_real'])
    return dict(row, command=command(name, ev['settings']))

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('model', nargs='?', help='a model in the package, or the folder of a run')
    p.add_argument('folder', nargs='?', help='what `ddpm_eval` wrote of it')
    p.add_argument('--seconds', action='store_true', help='measure the seconds of all rows again')
    a = p.parse_args()
    torch.set_num_threads(1)
    rows = json.loads(file.read_text())
    if a.seconds: rows = [r | drawing(r['model'], vars(eval_parser().parse_args(shlex.split(r['command'])[1:]))) for r in rows]
    else:
        new = measured(a.model, a.folder)
        at = next((i for i,r in enumerate(rows) if r['command']==new['command']), len(rows))
        rows[at:at+1] = [new]
    write_json(file, rows)
    for r in rows: print(json.dumps(r))

if __name__=='__main__': main()
