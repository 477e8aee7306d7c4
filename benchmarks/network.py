"""Speed of the network against diffusers' UNet2DModel, as ratios on one machine.

Each contender runs in a process of its own, all of them alive, and they take turns: one step of the first, one of the
second, and so on, so that what else the machine does falls on all alike. A ratio is the median over the rounds of
(seconds of the first contender / seconds of this one), given with its quartiles. Writes network.json beside this file.

    python benchmarks/network.py [--rounds 9] [--only small cifar10 default] [--peak] [--out network.json]

Needs diffusers. Contenders of a group:
  small    same weights and function: 32-64-128 channels, attention of one full-width head at 16x16 and 8x8, batch 32 of 3x32x32
  cifar10  same weights and function: the 35.7M network of the DDPM paper, batch 4 of 3x32x32
  default  each side's default architecture at 32-64-128 channels and about equal parameters, batch 32 of 3x32x32
  compiled as `small`, ours by torch.compile too, with weights frozen in sampling; starting takes many minutes
diffusers runs as a user gets it (eager, PyTorch's AdamW); ours runs as `speed.fast` sets it up, with AdamW in one pass (fused=True).
`diffusers tuned` has what is general in that: memory that stays, channels_last, AdamW in one pass.
Where weights are the same, the answers of all contenders are compared before the first round.
  steps float32, steps bfloat16   our network of `small` with one change after the other
"""
import argparse, importlib.metadata, json, os, platform, re, statistics, subprocess, sys, time
from pathlib import Path

small = dict(sample_size=32, block_out_channels=(32,64,128), layers_per_block=2, attention_head_dim=None,
    down_block_types=('DownBlock2D', 'AttnDownBlock2D', 'AttnDownBlock2D'), up_block_types=('AttnUpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'))
cifar10 = dict(sample_size=32, block_out_channels=(128,256,256,256), layers_per_block=2, attention_head_dim=None, norm_eps=1e-6,
    downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, dropout=0.,
    down_block_types=('DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'), up_block_types=('UpBlock2D', 'UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'))
groups = dict(
    small=dict(bs=32, config=small, sides=['diffusers', 'diffusers tuned', 'ours', 'diffusers bfloat16', 'diffusers bfloat16 channels_last', 'diffusers bfloat16 tuned', 'ours bfloat16']),
    cifar10=dict(bs=4, config=cifar10, sides=['diffusers', 'ours', 'ours bfloat16']),
    default=dict(bs=32, config={**small, 'attention_head_dim': 8}, sides=['diffusers', 'ours', 'ours bfloat16']),
    compiled=dict(bs=32, config=small, sides=['diffusers', 'ours', 'ours compiled', 'ours bfloat16', 'ours bfloat16 compiled']))
changes = ['as built', 'memory', 'attention', 'optimiser', 'channels_last', 'norm'] # each with those before it
groups |= {f'steps {d}': dict(bs=32, config=small, sides=changes) for d in ('float32', 'bfloat16')}
around = {'Optimizer.step': 'optimiser', 'NormBySums': 'GroupNorm'} # whatever is called inside these
kinds = {'convolution': 'convolutions', 'group_norm': 'GroupNorm', 'dot_product': 'attention', 'softmax': 'attention', 'bmm': 'attention', 'silu': 'SiLU', 'addmm': 'linear layers',
    'aten::mm': 'linear layers', 'aten::cat': 'joining skips', 'copy_': 'copies and casts', 'aten::add': 'sums'}

def kind(e):
    "What an event of the profiler counts as, by what it runs in, or else by its own name"
    p = e
    while p is not None:
        if k := next((v for k,v in around.items() if k in p.name), None): return k
        p = p.cpu_parent
    return next((v for k,v in kinds.items() if k in e.name), 'other')

def build(group, side):
    "network(x, t) of one contender, its parameters, its optimiser and its precision"
    import torch
    from diffusers import UNet2DModel
    from ddpm_nb.speed import FastAttention, fast, keep_memory
    from ddpm_nb.unet import Attention, UNet
    from ddpm_nb.zoo.exchange import from_their_config, from_their_weights
    dtype = torch.bfloat16 if 'bfloat16' in side+group else torch.float32
    torch.manual_seed(0)
    theirs = UNet2DModel(**groups[group]['config'])
    def same(): # as a network of ours
        net = UNet(**from_their_config(dict(theirs.config)))
        from_their_weights(net, theirs.state_dict(), 'diffusers')
        return net
    if group.startswith('steps'):
        net, k = same(), changes.index(side)
        if k >= 1: keep_memory()
        for m in net.modules():
            if k >= 2 and type(m) is Attention: m.__class__ = FastAttention
        if k >= 4: net.to(memory_format=torch.channels_last)
        if k >= 5: fast(net)
        return net, net, torch.optim.AdamW(net.parameters(), 1e-4, fused=k>=3), dtype
    if side.startswith('ours'):
        net = fast(UNet(in_ch=3) if group=='default' else same())
        opt = torch.optim.AdamW(net.parameters(), 1e-4, fused=True)
        if 'compiled' in side: torch._inductor.config.freezing = True # where there are no gradients: weights become constants
        return net, torch.compile(net) if 'compiled' in side else net, opt, dtype
    tuned = 'tuned' in side
    if tuned: keep_memory()
    if tuned or 'channels_last' in side: theirs.to(memory_format=torch.channels_last)
    return theirs, (lambda x, t: theirs(x, t).sample), torch.optim.AdamW(theirs.parameters(), 1e-4, fused=tuned), dtype

# PyTorch counts no operations of its fused attention on a processor: two products forward, five backward, as of its other kernels
def counter():
    import torch
    from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count
    a = torch.ops.aten
    return FlopCounterMode(display=False, custom_mapping={
        a._scaled_dot_product_flash_attention_for_cpu: lambda q, k, v, *args, out_shape=None, **kwargs: sdpa_flop_count(q, k, v),
        a._scaled_dot_product_flash_attention_for_cpu_backward: lambda dy, q, k, v, *args, out_shape=None, **kwargs: sdpa_backward_flop_count(dy, q, k, v)})

def worker(group, side):
    "Answer each line of the input, 'train', 'sample', 'profile', 'answer' or 'facts', with one line of JSON"
    import torch
    import torch.nn.functional as F
    net, f, opt, dtype = build(group, side)
    n = groups[group]['bs']
    torch.manual_seed(1)
    x, t, target = torch.randn(n, 3, 32, 32), torch.randint(0, 1000, (n,)), torch.randn(n, 3, 32, 32)
    if 'channels_last' in side or 'tuned' in side: x = x.contiguous(memory_format=torch.channels_last)
    def forward(f=f):
        with torch.autocast('cpu', torch.bfloat16, enabled=dtype==torch.bfloat16): return f(x, t)
    def train():
        F.mse_loss(forward().float(), target).backward()
        opt.step()
        opt.zero_grad()
    @torch.no_grad()
    def sample(): forward()
    def timed(g):
        time.sleep(.3) # until the threads of the contender before have stopped waiting for work
        start = time.perf_counter()
        g()
        return time.perf_counter() - start
    def profile():
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as p: train()
        out = {}
        for e in p.events(): out[kind(e)] = out.get(kind(e), 0) + e.self_cpu_time_total/1e3
        return out
    @torch.no_grad()
    def answer(): return dict(values=forward().float().flatten()[::997].tolist())
    def facts():
        with counter() as c: F.mse_loss(forward(net if 'ours' in side else f).float(), target).backward()
        opt.zero_grad()
        return dict(parameters=sum(p.numel() for p in net.parameters()), train_flops=c.get_total_flops())
    first = answer() # with the weights that all began with
    for _ in range(2): train(), sample()
    print('"ready"', flush=True)
    for line in sys.stdin: print(json.dumps(dict(train=lambda: timed(train), sample=lambda: timed(sample), profile=profile, facts=facts, answer=lambda: first)[line.strip()]()), flush=True)

class Worker:
    "A contender in a process of its own"
    def __init__(self, group, side):
        self.p = subprocess.Popen([sys.executable, __file__, '--worker', group, side], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.read()!='ready': raise SystemExit(f'{group}: {side} did not start')
    def read(self):
        while line := self.p.stdout.readline():
            if line[0] in '"{0123456789': return json.loads(line)
    def __call__(self, what):
        self.p.stdin.write(what + '\n')
        self.p.stdin.flush()
        return self.read()

def same_answers(group, workers):
    "Do all compute the same function of the same weights? Rounding of bfloat16 is allowed for"
    sides = {s: w('answer')['values'] for s,w in workers.items()}
    base = next(iter(sides.values()))
    size = max(map(abs, base))
    for s,v in sides.items():
        off = max(abs(a-b) for a,b in zip(base, v))/size
        if not off < (.05 if 'bfloat16' in s+group else 1e-5): raise SystemExit(f'{group}: {s} is another function, off by {off:.2g} of the largest answer')

def quartiles(v): return [float(q) for q in statistics.quantiles(v, n=4, method='inclusive')[::2]]

def race(group, rounds):
    "All contenders of a group in turn: one row for each"
    workers = {s: Worker(group, s) for s in groups[group]['sides']}
    print(f'{group}: all contenders are ready', flush=True)
    n, rows = groups[group]['bs'], []
    try:
        if group!='default': same_answers(group, workers)
        facts = {s: w('facts') for s,w in workers.items()}
        for what in ('train', 'sample'):
            times = {s: [] for s in workers}
            for i in range(rounds):
                for s in list(workers)[::1 if i%2==0 else -1]: times[s].append(workers[s](what))
            sides = list(times)
            for before,s in zip([sides[0], *sides], sides):
                ratios = [b/x for b,x in zip(times[sides[0]], times[s])]
                rows.append(dict(group=group, what=what, side=s, **facts[s], images_per_second=n/statistics.median(times[s]), ratio=statistics.median(ratios), quartiles=quartiles(ratios),
                    over_row_before=statistics.median(b/x for b,x in zip(times[before], times[s])), seconds=times[s]))
                print(as_text(rows[-1]), flush=True)
        profiles = {s: [] for s in workers} if group=='small' else {}
        for s in 5*list(profiles): profiles[s].append(workers[s]('profile'))
        profiles = {s: {k: statistics.median(p.get(k, 0) for p in v) for k in {k for p in v for k in p}} for s,v in profiles.items()}
    finally:
        for w in workers.values(): w.p.kill()
    return rows, profiles

def as_text(r):
    low, high = r['quartiles']
    return f"{r['group']:14} {r['what']:7} {r['side']:33} {r['parameters']:>11,} parameters {r['images_per_second']:7.1f} images/s  x{r['ratio']:.2f} ({low:.2f} to {high:.2f})  x{r['over_row_before']:.2f} of the row before"

def machine(rounds):
    "What the numbers depend on"
    import torch
    info = Path('/proc/cpuinfo').read_text() if Path('/proc/cpuinfo').is_file() else ''
    names, flags = (re.search(rf'^{k}\s*: (.*)', info, re.M) for k in ('model name', 'flags'))
    units = [u for u in ('avx2', 'avx512f', 'avx512_bf16', 'amx_bf16') if flags and u in flags[1].split()]
    return dict(processor=names[1] if names else platform.processor() or platform.machine(), units=units, cores=os.cpu_count(), threads=torch.get_num_threads(),
        **{k: importlib.metadata.version(k) for k in ('torch', 'diffusers')}, python=platform.python_version(), rounds=rounds)

def conv_peak(rounds=15):
    "Largest rate of a single float32 convolution, forward, channels_last, in FLOP/s, over shapes from 64 to 256 channels"
    import torch
    import torch.nn.functional as F
    from ddpm_nb.speed import keep_memory
    keep_memory()
    best = {}
    for c,hw in ((64,32), (128,16), (128,32), (256,16), (256,32)):
        x, w = (v.contiguous(memory_format=torch.channels_last) for v in (torch.randn(32,c,hw,hw), torch.randn(c,c,3,3)))
        secs = []
        with torch.no_grad():
            for _ in range(rounds):
                start = time.perf_counter()
                F.conv2d(x, w, padding=1)
                secs.append(time.perf_counter()-start)
        best[f'{c} channels at {hw}x{hw}'] = 2*32*hw*hw*c*c*9/statistics.median(secs)
    return best

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--rounds', type=int, default=9)
    p.add_argument('--only', nargs='*', default=list(groups), metavar='GROUP', choices=list(groups))
    p.add_argument('--peak', action='store_true', help='measure the peak of convolutions too')
    p.add_argument('--out', type=Path, default=Path(__file__).with_suffix('.json'), help='rows of other groups in it stay')
    p.add_argument('--worker', nargs=2, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.worker: return worker(*a.worker)
    out = json.loads(a.out.read_text()) if a.out.exists() else dict(rows=[], machine={})
    here = machine(a.rounds)
    print(', '.join(f"{k} {' '.join(v) if isinstance(v, list) else v}" for k,v in here.items()))
    for g in a.only:
        if a.peak: before = conv_peak()
        rows, profiles = race(g, a.rounds)
        if a.peak:
            peaks = {k: max(v, before[k]) for k,v in conv_peak().items()}
            top = max(peaks.values())
            print(f'{g}: convolutions alone, GFLOP/s: ' + ', '.join(f'{v/1e9:.0f} {k}' for k,v in peaks.items()))
            for r in rows:
                if r['what']=='train' and 'bfloat16' not in r['side']+g:
                    r['conv_peak'] = top
                    r['share_of_peak'] = r['train_flops']/statistics.median(r['seconds'])/top
                    print(f"{g:14} {r['side']:33} {r['share_of_peak']:.1%} of {top/1e9:.0f} GFLOP/s")
        out['rows'] = [r for r in out['rows'] if r['group']!=g] + rows
        if profiles: out['profile_ms'] = profiles
        out['machine'][g] = here
        a.out.write_text(json.dumps(out, indent=1) + '\n')

if __name__=='__main__': main()
