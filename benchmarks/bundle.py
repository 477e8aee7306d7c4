"""Put a trained model into the package: weights at half precision, a card made of the files of its run, and a score to check.

    ddpm_train ... --out runs/digits_model
    ddpm_eval --model runs/digits_model --data digits --n 3000 --sampler ddim --steps 50 --eta 0 --metrics fd,kid,pr,dc,acc,cas --out runs/digits_model/eval
    python benchmarks/bundle.py digits runs/digits_model [--scores runs/digits_model/eval] [--limit "a sentence" ...]
"""
import argparse, json, tempfile
from pathlib import Path
import torch
from ddpm_nb.core import weights_folder
from ddpm_nb.data import get_data
from ddpm_nb.features import bundled_space, reference_stats
from ddpm_nb.pretrained import write_pretrained
from ddpm_nb.sampling import DDPM

credits = dict(
    digits=('1,438 of the 1,797 digits of 8x8 pixels in scikit-learn, from the UCI set Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998)', 'CC BY 4.0'),
    fashion_mnist=('all 60,000 training images of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), by Zalando', 'MIT'),
    emoji=('drawings of Twemoji, from the npm package emoji-datasource-twitter 16.0.0, by Twitter and contributors', 'CC BY 4.0'))

def score(r):
    "One line of `eval.json`, without the points of its fits"
    return {k: r[k] for k in ('value', 'interval', 'corrected', 'on_real', 'ratio', 'n_generated', 'n_real') if k in r} | ({'real_training_images': r['floor']['value']} if 'floor' in r else {})

def card_of(run, scores, limits):
    "The card, from the files that `ddpm_train` and `ddpm_eval` wrote"
    settings, facts, ev = (json.loads(f.read_text()) for f in (run/'settings.json', run/'metrics.json', scores/'eval.json'))
    data, licence = credits[settings['data']]
    return dict(data=data, licence=licence, command=facts['command'], images_seen=facts['images_seen'], hours=round(facts['seconds']['training']/3600, 2), device=facts['device'], threads=facts['threads'],
        recipe=settings, versions=facts['versions'], drawn=ev['generated'].split(', ', 1)[1], measured_against=ev['real'], scores={k: score(r) for k,r in ev['results'].items()}, limits=limits)

def evenly(data):
    "Each class equally often, small ones by repetition, where a set is uneven: the check draws classes in turn"
    counts = data.labels.bincount(minlength=len(data.classes))
    if counts.max() <= 2*counts.min(): return data
    of = [(data.labels==c).nonzero().flatten() for c in range(len(counts))]
    return data.subset(torch.cat([i[torch.arange(int(counts.median())) % len(i)] for i in of]))

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('name')
    p.add_argument('run', type=Path)
    p.add_argument('--limit', action='append', default=[], help='what the model cannot do, one sentence')
    p.add_argument('--scores', type=Path, help='what `ddpm_eval` wrote, by default eval in the folder of the run')
    p.add_argument('--n', type=int, default=500, help='images of the check')
    p.add_argument('--tolerance', type=float, default=.03, help='of the check, relative')
    a = p.parse_args()
    card, space = card_of(a.run, a.scores or a.run/'eval', a.limit), bundled_space(a.name)
    with tempfile.TemporaryDirectory() as tmp: real = reference_stats(evenly(get_data(a.name)[0]), space, folder=tmp)
    done = write_pretrained(DDPM.load(a.run), weights_folder()/a.name, real, a.name, card, n=a.n, tolerance=a.tolerance)
    print(json.dumps(done, indent=1))

if __name__=='__main__': main()
