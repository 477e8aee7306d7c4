"""Make README.md from nbs/index.ipynb.

    python .ci/readme.py               write README.md
    python .ci/readme.py --check       exit 1 if README.md is not what index.ipynb gives
    python .ci/readme.py --has CMD...  exit 1 unless each command is a line of a bash block in README.md"""
import difflib, json, re, sys
from configparser import ConfigParser
from pathlib import Path

top = Path(__file__).resolve().parent.parent
ini = ConfigParser(delimiters=['='], default_section='none')
ini.read(top/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
site = f"https://{cfg['user']}.github.io/{cfg['repo']}/"
readme = top/'README.md'

def src(cell): return ''.join(cell['source'])
def page(name): return re.sub(r'^\d+[a-z]?_', '', name) + '.html'

def title(s):
    "The title cell: `# Title`, `> description` and `- key: value` lines, which are for the site only"
    lines = [l for l in s.splitlines() if l.startswith(('# ', '> '))]
    return '\n\n'.join(l[2:] if l[0] == '>' else l for l in lines)

def markdown(s):
    "Prose with its images and links made to work from the top of the repository, without what only Quarto reads"
    s = re.sub(r'^:{3,}.*\n?', '', s, flags=re.M)
    s = re.sub(r'(\]\([^)\s]+\))\{[^}]*\}', r'\1', s)
    s = re.sub(r'(\]\(|src=")(?:\./)?images/', r'\1nbs/images/', s)
    return re.sub(r'\]\((\w+)\.ipynb(#[^)]*)?\)', lambda m: f']({site}{page(m[1])}{m[2] or ""})', s)

def indented(s): return '\n'.join('    ' + l if l.strip() else '' for l in s.rstrip('\n').splitlines())

def outputs(cell):
    for o in cell['outputs']:
        if o['output_type'] == 'error': sys.exit(f"index.ipynb: a stored error: {o['ename']}")
        if o['output_type'] == 'stream': yield indented(''.join(o['text']))
        else:
            data = o['data']
            img = [k for k in data if k.startswith('image/')]
            if img: sys.exit(f"index.ipynb: an output is {img[0]}: save it as a file in nbs/images and show it from a markdown cell")
            if 'text/markdown' in data: yield markdown(''.join(data['text/markdown']))
            elif 'text/plain' in data: yield indented(''.join(data['text/plain']))

def code(cell):
    s = src(cell)
    opts = dict((m[1], m[2].strip()) for m in re.finditer(r'^\s*#\s*\|\s*([\w-]+):?(.*)$', s, re.M))
    if 'hide' in opts or opts.get('include') == 'false': return
    body = re.sub(r'^\s*#\s*\|.*\n?', '', s, flags=re.M).strip()
    if body and opts.get('echo') != 'false' and 'hide_input' not in opts: yield f'```python\n{body}\n```'
    if opts.get('output') != 'false' and 'hide_output' not in opts: yield from outputs(cell)

def make():
    "The text of README.md"
    first,*cells = json.loads((top/'nbs'/'index.ipynb').read_text(encoding='utf-8'))['cells']
    parts = ['<!-- Made from nbs/index.ipynb by .ci/readme.py: edit that -->', title(src(first))]
    for c in cells:
        if c['cell_type'] == 'markdown': parts.append(markdown(src(c)).strip())
        elif c['cell_type'] == 'code': parts += code(c)
    return '\n\n'.join(p for p in parts if p.strip()) + '\n'

def bash_lines(text):
    for block in re.findall(r'^``` *bash\n(.*?)^```', text, re.M|re.S): yield from (l.strip() for l in block.splitlines())

def main(args):
    if args[:1] == ['--has']:
        have = set(bash_lines(readme.read_text(encoding='utf-8')))
        lost = [c for c in args[1:] if c not in have]
        for c in lost: print(f'README.md: no bash block has the line: {c}')
        sys.exit(bool(lost))
    new = make()
    if args[:1] != ['--check']: readme.write_text(new, encoding='utf-8')
    else:
        old = readme.read_text(encoding='utf-8') if readme.exists() else ''
        diff = list(difflib.unified_diff(old.splitlines(), new.splitlines(), 'README.md', 'nbs/index.ipynb', lineterm='', n=1))
        print(*diff[:40], sep='\n')
        if diff: sys.exit('README.md differs from nbs/index.ipynb. Run: python .ci/readme.py')

if __name__ == '__main__': main(sys.argv[1:])
