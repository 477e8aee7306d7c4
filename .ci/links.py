"""Keep every link to this repository in step with `user`, `repo` and `branch` in settings.ini.

    python .ci/links.py           insert or rewrite the Colab badge and install cells, rewrite the links
    python .ci/links.py --check   change nothing, name what differs, exit 1 if anything does

Each notebook has a badge as its second cell and, as its third, a hidden cell that installs the package on Colab."""
import json, re, sys
from configparser import ConfigParser
from pathlib import Path

top = Path(__file__).resolve().parent.parent
ini = ConfigParser(delimiters=['='], default_section='none')
ini.read(top/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
user, repo, branch, lib = cfg['user'], cfg['repo'], cfg['branch'], cfg['lib_name']

badge_re = re.compile(r'\s*\[!\[Open In Colab\]\([^)]*\)\]\([^)]*\)\s*', re.I)
ours = '|'.join(sorted({re.escape(repo), re.escape(lib)}))
link_res = [(re.compile(rf'(github\.com[/:]|colab\.research\.google\.com/github/)[\w.-]+/(?:{ours})(?![\w-])'), rf'\g<1>{user}/{repo}'),
            (re.compile(rf'[\w-]+\.github\.io/(?:{ours})(?![\w-])'), f'{user}.github.io/{repo}')]

def badge(name):
    return ('[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]'
            f'(https://colab.research.google.com/github/{user}/{repo}/blob/{branch}/nbs/{name})')

install = ("#| hide\nif 'google.colab' in str(get_ipython()): "
           f"get_ipython().run_line_magic('pip', 'install -q git+https://github.com/{user}/{repo}')")

def relink(s):
    "`s` with links to this repository under any owner made to name the current one"
    for r,new in link_res: s = r.sub(new, s)
    return s

def src(cell): return ''.join(cell['source'])
def is_badge(cell): return cell['cell_type'] == 'markdown' and badge_re.fullmatch(src(cell))
def is_install(cell): return cell['cell_type'] == 'code' and 'google.colab' in src(cell) and '#| hide' in src(cell)

def new_cells(name):
    yield dict(cell_type='markdown', id='colab-badge', metadata={}, source=[badge(name)])
    yield dict(cell_type='code', execution_count=None, id='colab-install', metadata={}, outputs=[], source=install.splitlines(True))

def fix_nb(text, name):
    "The notebook `text` with its two Colab cells in place and its links made current, written as nbdev_clean does"
    nb = json.loads(text)
    cells = [c for c in nb['cells'] if not (is_badge(c) or is_install(c))]
    for c in cells: c['source'] = relink(src(c)).splitlines(True)
    nb['cells'] = cells[:1] + list(new_cells(name)) + cells[1:]
    return json.dumps(nb, sort_keys=True, indent=1, ensure_ascii=False) + '\n'

def files():
    for p in sorted((top/'nbs').glob('*.ipynb')): yield p, lambda s,p=p: fix_nb(s, p.name)
    for p in [top/'CONTRIBUTING.md', *sorted((top/'.github'/'workflows').glob('*.yml'))]:
        if p.exists(): yield p, relink

def why(old, new, p):
    if p.suffix != '.ipynb': return 'links name another owner'
    a,b = (json.loads(s)['cells'] for s in (old,new))
    if [src(c) for c in a[1:3]] != [src(c) for c in b[1:3]]: return 'the Colab badge and install cells are not its second and third'
    return 'links name another owner' if [src(c) for c in a] != [src(c) for c in b] else 'not as nbdev_clean writes it'

def main(check):
    n = 0
    for p,fix in files():
        old = p.read_text(encoding='utf-8')
        new = fix(old)
        if new == old: continue
        n += 1
        print(f'{p.relative_to(top)}:', why(old, new, p) if check else 'rewritten')
        if not check: p.write_text(new, encoding='utf-8')
    if check and n: sys.exit('Run: python .ci/links.py, then .ci/readme.py')

if __name__ == '__main__': main('--check' in sys.argv[1:])
