"""Check the pages of the site without Quarto. Run it with the Python of a development install.

    python .ci/pages.py [--html DIR]     DIR is where to leave the pages for a look

nbdev processes the notebooks in a copy of the tree, pandoc makes HTML of them, and what would be wrong on the
site is printed: dead links, anchors and images, stored errors, broken math, and what a notebook of the course lacks."""
import argparse, ast, base64, json, os, re, shutil, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

top = Path(__file__).resolve().parent.parent
ini = ConfigParser(delimiters=['='], default_section='none')
ini.read(top/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
site = f"https://{cfg['user']}.github.io/{cfg['repo']}/"
max_bytes = 100_000
fence_re = re.compile(r'^(`{3,}|~{3,}).*?^\1`*\s*$|`[^`\n]+`', re.M|re.S)
bad = []

def say(name, what):
    if (s := f'{name}: {what}') not in bad: bad.append(s)

def src(cell): return ''.join(cell.get('source', ''))
def text(v): return ''.join(v)
def page(name): return re.sub(r'^\d+[a-z]?_', '', Path(name).stem)
def prose(s): return fence_re.sub('', s)  # markdown without its code
def options(s): return dict((m[1], m[2].strip().strip('"\'')) for m in re.finditer(r'^\s*#\s*\|\s*([\w-]+):?[ \t]*(.*)$', s, re.M))

# ---- the stored notebooks

def check_title(name, cell):
    if cell['cell_type'] != 'markdown': return say(name, 'the first cell is not a title')
    head, *rest = [l for l in src(cell).splitlines() if l.strip()] or ['']
    quotes = [l for l in rest if l.startswith('> ')]
    if not head.startswith('# '): say(name, 'the first line is not `# Title`')
    if len(quotes) != 1: say(name, f'the title cell has {len(quotes)} `> description` lines, not one')
    for l in rest:
        if l not in quotes and not re.match(r'- [\w-]+: *\S', l): say(name, f'this line of the title cell would vanish from the site: {l}')

def check_outputs(name, cell):
    for o in cell.get('outputs', []):
        if o['output_type'] == 'error': say(name, f"a stored error: {o['ename']}: {o['evalue'][:80]}")
        data = o.get('data', {})
        for k in data:
            raw = text(data[k])
            size = len(base64.b64decode(raw)) if k.startswith('image/') and 'svg' not in k else len(raw.encode())
            opts = options(src(cell))
            what = opts.get('label') or f'cell {cell["id"]}'
            if k.startswith(('image/', 'text/html', 'video/')) and size > max_bytes:
                say(name, f'{what}: an output of {size//1000} kB ({k}), over {max_bytes//1000}')
            if not k.startswith('image/') or 'hide' in opts: continue
            first = src(cell).strip().splitlines()[:1]
            for key in ('fig-cap', 'label', 'fig-alt'):
                if not opts.get(key): say(name, f'the figure of cell {cell["id"]} {first} has no `#| {key}:`')
            if opts.get('label') and not opts['label'].startswith('fig-'): say(name, f"the label {opts['label']} of a figure should start with fig-")

def check_imports(name, cell):
    "nbdev runs a cell that holds an import, however deep, when it makes the site: nothing else should stand there"
    opts = options(src(cell))
    if cell['cell_type'] != 'code' or {'export', 'exports', 'exporti'} & opts.keys() or opts.get('eval', '').lower() == 'false': return
    try: body = ast.parse(src(cell)).body
    except SyntaxError: return  # a cell with magics: nbdev does not run it either
    is_imp = lambda n: isinstance(n, (ast.Import, ast.ImportFrom))
    if any(is_imp(x) for n in body for x in ast.walk(n)) and not all(map(is_imp, body)):
        line = next(l.strip() for l in src(cell).splitlines() if 'import' in l)
        say(name, f'cell {cell["id"]} has imports and other code, which would run again when the site is built: {line}')

def sections(cells):
    "Pairs (heading, text) at level 2, headings in callouts and code not counted"
    heading, body, depth, fenced = '', [], 0, False
    for c in cells:
        if c['cell_type'] != 'markdown': continue
        for l in src(c).splitlines():
            if l.startswith('```'): fenced = not fenced
            if not fenced and re.match(r':{3,}\s*\S', l): depth += 1
            elif not fenced and re.match(r':{3,}\s*$', l): depth -= 1
            if not fenced and not depth and l.startswith('## '):
                yield heading, '\n'.join(body)
                heading, body = l[3:].strip(), []
            else: body.append(l)
    yield heading, '\n'.join(body)

def check_course(name, cells):
    "The opening and the ending that each notebook of the course has"
    opening = '\n'.join(src(c) for c in cells[1:5] if c['cell_type'] == 'markdown')
    for what,r in [('what the reader can do after it ("After this notebook you can")', r'you can\b|you will be able to'),
                   ('what the reader needs to know ("You need")', r'you (should|need)\b|need to know'), ('the reading time', r'reading time\W+.*?\d+ min')]:
        if not re.search(r, opening, re.I|re.S): say(name, f'does not open with {what}')
    secs = list(sections(cells))
    order = [h for h,_ in secs if h in ('What we learned', 'Exercises', 'Next')]
    if order != ['What we learned', 'Exercises', 'Next'] or secs[-1][0] != 'Next': say(name, f'should end with the sections What we learned, Exercises, Next; found {order}')
    secs = dict(secs)
    ex = secs.get('Exercises', '')
    tasks, sols = len(re.findall(r'^\d+\. ', ex, re.M)), len(re.findall(r'^:{3,} *\{\.callout-note[^}]*collapse="?true', ex, re.M))
    if not 2 <= tasks <= 4: say(name, f'has {tasks} numbered exercises, not two to four')
    if sols < tasks or not sols: say(name, f'has {tasks} exercises and {sols} collapsed callouts with solutions')
    if not re.search(r'\]\(\w+\.ipynb', secs.get('Next', '')): say(name, 'its section Next links to no notebook')

def check_markdown(name, cells):
    depth = 0
    for c in cells:
        if c['cell_type'] != 'markdown': continue
        s = src(c)
        if len(re.findall(r'^```', s, re.M)) % 2: say(name, f'cell {c["id"]}: an unclosed code fence')
        p = prose(s)
        if p.count('$$') % 2: say(name, f'cell {c["id"]}: an odd number of $$')
        for l in p.splitlines():
            if re.match(r':{3,}\s*\S', l): depth += 1
            elif re.match(r':{3,}\s*$', l): depth -= 1
            if depth < 0: say(name, f'cell {c["id"]}: a ::: that closes nothing'); depth = 0
    if depth: say(name, f'{depth} ::: left open')
    all_md = '\n'.join(prose(src(c)) for c in cells if c['cell_type'] == 'markdown')
    seen = [l for c in cells if c['cell_type'] == 'code' and (l := options(src(c)).get('label'))]
    labels = {*seen, *re.findall(r'\{[^}]*#([\w-]+)', all_md)}
    for l in sorted({l for l in seen if seen.count(l) > 1}): say(name, f'the label {l} is used twice')
    for ref in re.findall(r'(?<![\w.])@((?:fig|eq|sec|tbl)-[\w-]+)', all_md):
        if ref not in labels: say(name, f'@{ref} refers to nothing on this page')

def check_names(names):
    pages = {}
    for n in names: pages.setdefault(page(n), []).append(n)
    for p,ns in pages.items():
        if len(ns) > 1: say('nbs', f'{", ".join(ns)} would all become {p}.html')
    listed = re.findall(r'[\w.-]+\.ipynb', (top/'_quarto.yml').read_text(encoding='utf-8'))
    for n in names:
        if n not in listed: say('_quarto.yml', f'the sidebar lacks {n}')
    for n in listed:
        if n not in names: say('_quarto.yml', f'the sidebar lists {n}, which is not there')

# ---- the processed notebooks, as HTML

def processed(work):
    "Let nbdev process a copy of the tree; the folder with the result"
    skip = shutil.ignore_patterns('.git', '_proc', '_docs', 'runs', 'build', 'dist', '.venv', '__pycache__', '*.egg-info')
    shutil.copytree(top, work/'tree', symlinks=True, ignore=skip)
    stub = work/'bin'/'quarto'  # nbdev only looks whether it is there
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nexit 0\n')
    stub.chmod(0o755)
    path = os.pathsep.join([str(stub.parent), str(Path(sys.executable).parent), os.environ['PATH']])
    res = subprocess.run(['nbdev_proc_nbs', '--n_workers', '2'], cwd=work/'tree', env=os.environ | dict(PATH=path, OMP_NUM_THREADS='1'),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if res.returncode: say('nbdev_proc_nbs', 'failed: ' + re.split(r'\n(?=\w*(?:Error|Exception):)', res.stdout)[-1].strip()[-2000:])
    return work/'tree'/'_proc'

def figure(data, opts):
    kind = next(k for k in ('image/svg+xml', 'image/png', 'image/jpeg', 'image/gif', *data) if k in data)
    raw = text(data[kind])
    if 'svg' in kind: raw = base64.b64encode(raw.encode()).decode()
    return f'![{opts.get("fig-cap", "")}](data:{kind};base64,{"".join(raw.split())})' + (f'{{#{opts["label"]}}}' if opts.get('label') else '')

def block(s, lang=''):
    return f'~~~~~~ {lang}\n{s.rstrip()}\n~~~~~~'

def as_markdown(nb):
    "What Quarto would make of the notebook's cells, near enough"
    for c in nb['cells']:
        s = src(c)
        if c['cell_type'] == 'raw' or (c['cell_type'] == 'markdown'): yield s
        if c['cell_type'] != 'code': continue
        opts = options(s)
        if opts.get('include') == 'false' or 'hide' in opts: continue
        body = re.sub(r'^\s*#\s*\|.*\n?', '', s, flags=re.M).strip()
        if body and opts.get('echo') != 'false': yield block(body, '{.python}')
        if opts.get('output') == 'false': continue
        for o in c.get('outputs', []):
            data = o.get('data', {})
            if 'text' in o: yield block(text(o['text']))
            elif o['output_type'] == 'error': yield block('\n'.join(o['traceback']))
            elif any(k.startswith('image/') for k in data): yield figure(data, opts)
            elif 'text/markdown' in data: yield text(data['text/markdown'])
            elif 'text/html' in data: yield '\n```{=html}\n' + text(data['text/html']) + '\n```\n'
            elif 'text/plain' in data: yield block(text(data['text/plain']))

class Page(HTMLParser):
    "Ids, links, images and plain text of an HTML page"
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.ids, self.links, self.images, self.text, self.inside = set(), [], [], [], []
        self.feed(html)
    def handle_starttag(self, tag, attrs):
        d = dict(attrs)
        for k in ('id', 'name'):
            if d.get(k): self.ids.add(d[k])
        if tag == 'a' and d.get('href'): self.links.append(d['href'])
        if tag in ('img', 'video', 'source') and d.get('src'): self.images.append((d['src'], d.get('alt') or d.get('data-fig-alt') or ''))
        if tag in ('pre', 'code', 'math', 'script', 'style'): self.inside.append(tag)
    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag: self.inside.pop()
    def handle_data(self, data):
        if not self.inside: self.text.append(data)

def convert(path):
    "HTML of a processed notebook, and pandoc's warnings"
    import pypandoc
    nb = json.loads(path.read_text(encoding='utf-8'))
    md = '\n\n'.join(as_markdown(nb))
    md = re.sub(r'(\$\$)\s*\{#eq-[\w-]+\}', r'\1', md).replace('\\$', 'USD ')
    cmd = [pypandoc.get_pandoc_path(), '-f', 'markdown-raw_tex', '-t', 'html', '--mathml', '--standalone', '--toc', '--toc-depth=3', '--wrap=none']
    res = subprocess.run(cmd, input=md, capture_output=True, text=True, encoding='utf-8')
    if res.returncode: say(path.name, f'pandoc failed: {res.stderr.strip()}')
    return res.stdout, res.stderr

def check_page(name, pg, pages, proc, warnings):
    for w in re.split(r'(?=\[WARNING\])', warnings):
        if 'TeX math' in w or 'Div' in w or 'unclosed' in w: say(name, 'pandoc: ' + ' '.join(w.split())[:240])
    words = ' '.join(pg.text)
    for m in list(re.finditer(r'\$|\\[a-zA-Z]{2,}', words))[:3]:
        say(name, f'math or a macro left as text: ...{" ".join(words[max(0,m.start()-40):m.end()+40].split())}...')
    files = {p.name: page(p) for p in (top/'nbs').glob('*.ipynb')}
    for href in pg.links:
        ours = href.startswith(site)
        if not ours and re.match(r'[a-z]+:', href): continue
        to, _, anchor = unquote(href[len(site):] if ours else href).partition('#')
        if ours: there = not to or to.removesuffix('.html') in files.values()
        else: there = not to or to in files or not to.endswith('.ipynb') and (proc/to).exists()
        target = pages.get(page(to or 'index')) if to or ours else pg
        if not there: say(name, f'a link to {to}, which is not there')
        elif target and anchor and anchor not in target.ids: say(name, f'a link to {href}: no such anchor')
    for img,alt in pg.images:
        if img.startswith('data:'): continue
        if not re.match(r'https?:', img) and not (proc/unquote(img)).is_file(): say(name, f'the image {img} is not there')
        if not alt: say(name, f'the image {img} has no alt text')

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--html', metavar='DIR')
    out = ap.parse_args().html
    paths = [p for p in sorted((top/'nbs').glob('*.ipynb')) if p.name[0] not in '_.']
    if not paths: sys.exit('No notebooks in nbs')
    check_names([p.name for p in paths])
    for p in paths:
        cells = json.loads(p.read_text(encoding='utf-8'))['cells']
        check_title(p.name, cells[0])
        for c in cells:
            check_outputs(p.name, c)
            check_imports(p.name, c)
        if p.stem != 'index': check_course(p.name, cells)
        check_markdown(p.name, cells)
    with tempfile.TemporaryDirectory() as work:
        proc = processed(Path(work))
        done = sorted(proc.glob('*.ipynb'))
        if len(done) != len(paths): say('nbdev_proc_nbs', f'made {len(done)} pages of {len(paths)} notebooks')
        with ThreadPoolExecutor(2) as pool: html = dict(zip([p.name for p in done], pool.map(convert, done)))
        for p in done:
            for c in json.loads(p.read_text(encoding='utf-8'))['cells']: check_outputs(p.name, c)
        pages = {page(n): Page(h) for n,(h,_) in html.items()}
        for n,(h,warnings) in html.items(): check_page(n, pages[page(n)], pages, proc, warnings)
        if out:
            shutil.copytree(proc, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns('*.ipynb', '_quarto.yml'))
            for n,(h,_) in html.items(): (Path(out)/f'{page(n)}.html').write_text(re.sub(r'href="\d*[a-z]?_?(\w+)\.ipynb', r'href="\1.html', h), encoding='utf-8')
    print(*bad, sep='\n')
    print(f'{len(paths)} notebooks, {len(bad)} violations')
    sys.exit(bool(bad))

if __name__ == '__main__': main()
