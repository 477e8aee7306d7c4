"Check that wheels hold the package, its weights and its dist-info only: wheel.py FILE.whl..."
import sys, zipfile

weights = {f'ddpm_nb/weights/{n}.safetensors' for n in ('digits', 'fashion_mnist', 'emoji')} | {f'ddpm_nb/weights/{n}/{f}' for n in ('digits', 'fashion_mnist', 'emoji') for f in ('card.json', 'config.json', 'model.safetensors', 'real.npz')}

bad = 0
for f in sys.argv[1:]:
    names = zipfile.ZipFile(f).namelist()
    tops = {n.split('/')[0] for n in names}
    extra = {t for t in tops if t != 'ddpm_nb' and not (t.startswith('ddpm_nb-') and t.endswith('.dist-info'))}
    other = [n for n in names if n.startswith('ddpm_nb/') and not n.endswith('.py') and n not in weights]
    other += [f'without {n}' for n in weights if n not in names]
    if extra or other or 'ddpm_nb' not in tops: bad = print(f, 'holds', sorted(tops), *other) or 1
    else: print(f, len(names), 'files')
sys.exit(bad)
