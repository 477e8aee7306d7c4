"""What the fastai Learner with all default callbacks costs over a bare PyTorch loop, and what preparing data costs.

`training_loop`, with gradients clipped, and `ddpm_learner` train the same network on the same batches with the same
optimizer, memory layout and precision (float32), one epoch at a time, in turn. Each pair gives a ratio, and the median of the ratios is the figure. The
batches alone (scaling, flips) are timed the same way, as a share of the bare loop. Writes learner.json beside this file.

    python benchmarks/learner.py [--pairs 7] [--images 2048]
"""
import argparse, json, statistics, tempfile, time
from pathlib import Path
import torch
from ddpm_nb.core import generator
from fastai.callback.core import Callback, CancelValidException
from ddpm_nb.data import ImageData, image_dls
from ddpm_nb.sampling import DDPM
from ddpm_nb.speed import fast
from ddpm_nb.training import ddpm_learner, training_loop
from ddpm_nb.unet import UNet

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('--pairs', type=int, default=7)
p.add_argument('--images', type=int, default=2048)
a = p.parse_args()

data = ImageData(torch.randint(0, 256, (a.images, 1, 28, 28), generator=generator(0)).to(torch.uint8))
dls = image_dls((data, data.subset(slice(0, 128))), bs=128, flip=True)
home = tempfile.TemporaryDirectory()

def net():
    "The same network for both, in the layout that `ddpm_learner` chooses"
    torch.manual_seed(0)
    return fast(UNet(channels=(16,32,64), n_res=1))

class Clipped(torch.optim.AdamW):
    "AdamW that clips the gradient first, as the learner does"
    def step(self, closure=None):
        torch.nn.utils.clip_grad_norm_(self.param_groups[0]['params'], 1.)
        return super().step(closure)

def bare(network):
    ddpm, opt = DDPM(network), Clipped(network.parameters(), 1e-4, weight_decay=.01, fused=hasattr(torch, '_fused_adamw_'))
    return lambda: training_loop(ddpm, dls.train, 1, opt, store_path=Path(home.name)/'bare.safetensors')

def batches():
    for _ in dls.train: pass

def learner(network):
    "The same through `ddpm_learner`: noise, averaged weights, log, guard, clipping; validation left out on both sides"
    learn = ddpm_learner(dls, network)
    learn.add_cb(NoValidation())
    def epoch():
        with learn.no_bar(), learn.no_logging(): learn.fit(1, 1e-4)
    return epoch

class NoValidation(Callback):
    def before_validate(self): raise CancelValidException()

def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start

sides = bare(net()), learner(net())
batches()
data_s = [timed(batches) for _ in range(a.pairs)]
for f in sides: f() # warm-up
rows = [[timed(f) for f in (sides if i%2==0 else sides[::-1])][::1 if i%2==0 else -1] for i in range(a.pairs)]
ratios = [l/b for b,l in rows]
out = dict(images=a.images, precision='float32', torch=torch.__version__, threads=torch.get_num_threads(), bare_s=[b for b,_ in rows], learner_s=[l for _,l in rows],
           ratio_median=statistics.median(ratios), ratio_min=min(ratios), ratio_max=max(ratios), data_s=data_s,
           data_share=statistics.median(data_s)/statistics.median(b for b,_ in rows))
for k,v in out.items(): print(f'{k}: {v}')
Path(__file__).with_suffix('.json').write_text(json.dumps(out, indent=1) + '\n')
