"""The metrics of this package against pytorch-fid, torch-fidelity and torchmetrics: the same features, subsets and order.

    python benchmarks/metrics.py [--seed 0] [--time] [--json FILE]

Inception is built three times from one file of random weights, in which the batch norms have something to do, and looks at
the same images, resized by each program itself. Exits with 1 where a value is off by more than its tolerance. With --time
it also prints how long the Frechet distance in 2048 dimensions and the features of Inception take, ours and theirs in turns,
and their ratio; timings are never a reason to fail.
"""
import argparse, json, statistics, sys, tempfile, time, warnings
from pathlib import Path
import numpy as np
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from pytorch_fid.inception import InceptionV3
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import calculate_precision_recall_full
from torchmetrics.image.fid import _compute_fid
from torchmetrics.image.kid import poly_mmd
import pytorch_fid.inception as theirs
from ddpm_nb.features import InceptionFID, file_hash, inception_space
from ddpm_nb.core import generator
from ddpm_nb.fid import FeatureStats, calculate_fid, fd_between
from ddpm_nb.metrics import inception_score, kid, mmd, precision_recall

warnings.filterwarnings('ignore')
VALUE, FEATURE = 1e-6, 1e-5
rows = []

def compare(what, other, ours, value, tol=VALUE):
    ours, value = [np.asarray(v, dtype=float) for v in (ours, value)]
    off = float(np.abs(ours-value).max()/max(np.abs(value).max(), 1e-12))
    rows.append(dict(what=what, against=other, ours=float(np.mean(ours)), theirs=float(np.mean(value)), off=off, tolerance=tol, ok=bool(off <= tol)))

def features(seed, n, d, shift=0., scale=1.):
    g = generator(seed, n, d)
    mix = torch.randn(d, d, generator=g, dtype=torch.float64)/d**.5
    return torch.randn(n, d, generator=g, dtype=torch.float64) @ (torch.eye(d) + .3*mix)*scale + shift

def check_values(seed):
    for n,d in ((500, 16), (3000, 128)):
        a, b = features(seed, n, d), features(seed+1, n+100, d, .1, 1.2)
        sa, sb = [FeatureStats().update(f) for f in (a, b)]
        ours = calculate_fid(sa.mu, sa.sigma, sb.mu, sb.sigma)
        compare(f'Frechet distance, {d} features', 'pytorch-fid', ours, calculate_frechet_distance(a.numpy().mean(0), np.cov(a.numpy(), rowvar=False), b.numpy().mean(0), np.cov(b.numpy(), rowvar=False)))
        compare(f'Frechet distance, {d} features', 'torch-fidelity', ours, fid_statistics_to_metric(fid_features_to_statistics(a), fid_features_to_statistics(b), False)['frechet_inception_distance'])
        compare(f'Frechet distance, {d} features', 'torchmetrics', ours, _compute_fid(sa.mu, sa.sigma, sb.mu, sb.sigma).item())
        rng, size = np.random.RandomState(2020), 200
        pairs = [(rng.choice(len(a), size, replace=False), rng.choice(len(b), size, replace=False)) for _ in range(10)]
        ours = kid(a, b, pairs=pairs)
        them = kid_features_to_metric(a, b, kid_subsets=10, kid_subset_size=size, rng_seed=2020, verbose=False)
        compare(f'KID, {d} features', 'torch-fidelity', [ours['value'], ours['std']], list(them.values()))
        compare(f'KID of one subset, {d} features', 'torchmetrics', mmd(a[pairs[0][0]], b[pairs[0][1]]), poly_mmd(a[pairs[0][0]], b[pairs[0][1]]).item())
        compare(f'precision and recall, {d} features', 'torch-fidelity', precision_recall(b, a), calculate_precision_recall_full(a, b, 3, 10000))
    logits = 3*features(seed+2, 2000, 10)
    order = torch.from_numpy(np.random.RandomState(2020).permutation(2000))
    ours, them = inception_score(logits[order]), isc_features_to_metric(logits)
    compare('inception score, mean and deviation', 'torch-fidelity', [ours['value'], ours['std']], list(them.values()))
    from torchmetrics.image import InceptionScore
    score = InceptionScore(feature=torch.nn.Identity(), splits=10)
    score.update(logits)
    torch.manual_seed(seed)
    mean, std = score.compute()
    torch.manual_seed(seed)
    ours = inception_score(logits[torch.randperm(2000)])
    compare('inception score, mean and deviation', 'torchmetrics', [ours['value'], ours['std']*(10/9)**.5], [mean.item(), std.item()])

def weights_at(path, seed):
    "Random weights for all three, with moments of the batch norms that keep the signal alive"
    g, model = generator(seed, 1), InceptionFID().eval().requires_grad_(False)
    for m in model.net.modules():
        if isinstance(m, torch.nn.Conv2d): torch.nn.init.kaiming_normal_(m.weight, nonlinearity='relu', generator=g)
        if isinstance(m, torch.nn.BatchNorm2d):
            m.running_mean.normal_(0, .1, generator=g)
            m.running_var.uniform_(.5, 1.5, generator=g)
            m.weight.uniform_(.5, 1.5, generator=g)
            m.bias.normal_(0, .1, generator=g)
    torch.save(model.net.state_dict(), path)

def their_networks(path):
    "pytorch-fid's and torch-fidelity's Inception from the file"
    state, old = torch.load(path, weights_only=True), theirs.load_state_dict_from_url
    theirs.load_state_dict_from_url = lambda *a, **k: state
    try: first = InceptionV3([3]).eval()
    finally: theirs.load_state_dict_from_url = old
    return first, FeatureExtractorInceptionV3('inception', ['2048', 'logits_unbiased'], feature_extractor_weights_path=str(path))

def check_features(path, seed):
    g, sha = generator(seed, 2), file_hash(path)
    first, second = their_networks(path)
    bilinear, tf1 = inception_space(path, sha), inception_space(path, sha, resize='tf1')
    for n,h,w in ((2, 32, 32), (1, 299, 299), (1, 40, 28), (1, 350, 320)):
        x = torch.randint(0, 256, (n, 3, h, w), generator=g, dtype=torch.uint8)
        with torch.no_grad():
            a = first(x.float()/255)[0][:,:,0,0]
            b, logits = second(x)
        compare(f'Inception features of {h}x{w}', 'pytorch-fid', bilinear.collect(x), a, FEATURE)
        compare(f'Inception features of {h}x{w}', 'torch-fidelity', tf1.collect(x), b, FEATURE)
        if h==32: compare('Inception logits', 'torch-fidelity', tf1.classify(x.float()/127.5 - 1), logits, FEATURE)

def in_turns(ours, theirs, times):
    "Seconds of each, alternating; medians and the median of the ratios"
    out = []
    for _ in range(times):
        pair = []
        for f in (ours, theirs):
            t0 = time.perf_counter()
            f()
            pair.append(time.perf_counter()-t0)
        out.append(pair)
    return dict(ours=statistics.median(p[0] for p in out), theirs=statistics.median(p[1] for p in out), ratio=statistics.median(p[1]/p[0] for p in out), times=times)

def timings(path, seed):
    d, out = 2048, {}
    scale = torch.logspace(0, -2, d, dtype=torch.float64)
    sa, sb = [FeatureStats().update(features(s, 5*d, d)*scale) for s in (seed, seed+1)]
    np_ = [v.numpy() for v in (sa.mu, sa.sigma, sb.mu, sb.sigma)]
    out['Frechet distance of 2048 features, against pytorch-fid (scipy sqrtm)'] = in_turns(lambda: fd_between(sa, sb), lambda: calculate_frechet_distance(*np_), 3)
    compare('Frechet distance, 2048 features', 'pytorch-fid', fd_between(sa, sb), calculate_frechet_distance(*np_))
    low = [FeatureStats().update(features(s, 500, d)*scale) for s in (seed, seed+1)]
    t0 = time.perf_counter()
    fd_between(*low)
    out['Frechet distance of 2048 features from 500 images'] = dict(ours=time.perf_counter()-t0)
    _, second = their_networks(path)
    ours, x = inception_space(path, file_hash(path), resize='tf1'), torch.randint(0, 256, (8, 3, 32, 32), generator=generator(seed, 3), dtype=torch.uint8)
    def them():
        with torch.no_grad(): second(x)
    ours.collect(x), them()
    out['Inception features of 8 images, against torch-fidelity'] = in_turns(lambda: ours.collect(x), them, 7)
    return out

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--time', action='store_true')
    p.add_argument('--json', help='file to write')
    a = p.parse_args()
    result = {}
    with tempfile.TemporaryDirectory() as tmp:
        path = Path(tmp)/'weights.pth'
        weights_at(path, a.seed)
        check_values(a.seed)
        check_features(path, a.seed)
        if a.time: result = timings(path, a.seed)
    for r in rows: print(f"{r['what']:42} {r['against']:15} {r['ours']:14.8g} {r['theirs']:14.8g}   off {r['off']:.1e}  {'ok' if r['ok'] else 'OVER ' + str(r['tolerance'])}")
    for k,v in result.items(): print(f'{k}: ' + ', '.join(f'{n} {s:.3g}' + (' s' if n in ('ours','theirs') else '') for n,s in v.items()))
    if a.json: Path(a.json).write_text(json.dumps(dict(values=rows, timings=result, threads=torch.get_num_threads(), torch=torch.__version__), indent=1) + '\n', encoding='utf-8')
    sys.exit(not all(r['ok'] for r in rows))

if __name__ == '__main__': main()
