"Check that wheels hold the package and its dist-info only: wheel.py FILE.whl..."
import sys, zipfile

bad = 0
for f in sys.argv[1:]:
    names = zipfile.ZipFile(f).namelist()
    tops = {n.split('/')[0] for n in names}
    extra = {t for t in tops if t != 'ddpm_nb' and not (t.startswith('ddpm_nb-') and t.endswith('.dist-info'))}
    other = [n for n in names if n.startswith('ddpm_nb/') and not n.endswith('.py')]
    if extra or other or 'ddpm_nb' not in tops: bad = print(f, 'holds', sorted(tops), *other) or 1
    else: print(f, len(names), 'files')
sys.exit(bad)
