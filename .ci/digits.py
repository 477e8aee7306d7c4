"Check what `ddpm_train --data digits --out DIR` left in DIR: digits.py DIR"
import json, math, sys
from pathlib import Path

d = Path(sys.argv[1])
bad = [f for f in 'model.safetensors config.json samples.png denoising.gif loss.png metrics.json'.split()
       if not (d/f).is_file() or not (d/f).stat().st_size]
if bad: sys.exit(f"{d}: missing or empty: {', '.join(bad)}")

m = json.loads((d/'metrics.json').read_text(encoding='utf-8'))
counts, fd = m['classifier']['class_counts'], m['fd']['value']
print(f"= seconds: {m['seconds']['total']}  fd: {fd}  class counts: {counts}")
if len(counts) != 10 or min(counts.values()) < 1: bad.append(f"samples of all ten digits expected, found {counts}")
if not math.isfinite(fd): bad.append(f"fd should be a finite number, it is {fd}")
for b in bad: print(b)
sys.exit(bool(bad))
