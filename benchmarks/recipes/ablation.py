"""What each part of the recipe does: one thing is changed at a time, all for the same CPU minutes and from the same seed.

The minutes are those of `ddpm_train` as a whole, which teaches a classifier at its end.

Writes ablation.json beside this folder; a row that is there is not repeated.

    python benchmarks/recipes/ablation.py [--minutes 12] [--n 2000] [--steps 25] [--only TEXT...]
"""
import sys
import common

few_pictures = ['--n-metric', '20', '--sample-steps', '10'] # at the end of `ddpm_train`: this script draws and measures its own

rows = {
    'the recipe': [],
    'network: 8-wide heads at two levels': ['--network-args', '{"head_dim": 8, "attn": [1, 2]}'],
    'network: time added, not scale and shift': ['--network-args', '{"scale_shift": false}'],
    'network: one block a level': ['--n-res', '1'],
    'precision: float32': ['--precision', 'float32'],
    'schedule: cosine': ['--schedule', 'cosine'],
    'target: v': ['--target', 'v'],
    'target: v, schedule: cosine': ['--target', 'v', '--schedule', 'cosine'],
    'target: x0, schedule: cosine': ['--target', 'x0', '--schedule', 'cosine'],
    'loss weight: min-SNR': ['--weight', 'min_snr'],
    'averaged weights: none': ['--ema', '0'],
    'learning rate: constant 1e-4': ['--lr-schedule', 'constant', '--lr', '1e-4'],
    'learning rate: constant 1e-3': ['--lr-schedule', 'constant', '--lr', '1e-3'],
    'batches of 16': ['--bs', '16', '--lr', '1e-3'],
}

def main():
    only = sys.argv[sys.argv.index('--only')+1:] if '--only' in sys.argv else []
    if only: del sys.argv[sys.argv.index('--only'):]
    if not any(o.startswith('--minutes') for o in sys.argv): sys.argv += ['--minutes', '12', '--n', '2000', '--steps', '25']
    a = common.arguments(__doc__)
    for name,options in rows.items():
        if only and not any(o in name for o in only): continue
        out = a.out/''.join(c if c.isalnum() else '-' for c in name)
        facts = common.train_for(out, a.minutes, *few_pictures, *options)
        sample, parameters = common.sampler_of(a, out)
        common.finish(a, name, common.draw(a, sample, out=out), 'ablation.json', parameters=parameters, options=' '.join(options), **facts)

if __name__=='__main__': main()
