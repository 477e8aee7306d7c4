"""The networks of the zoo after the same short training: parameters, FLOPs, speed and Frechet distance.

All learn grey Fashion-MNIST without labels, from the same images in the same order, padded to 32x32 (MyUNet takes 28x28
as they are), with the same target, loss, optimiser, schedules, precision and averaged weights, and the same learning rate but
for ConditionalUNet, which has that of its own configuration. The same training means
the same processor time: each network sees as many images as its measured speed allows. Distances are in the features of
the bundled classifier, on the inner 28x28 pixels. A training can be stopped and goes on where it was.
Writes zoo.json beside this file, a row for each network that is done.

    python benchmarks/zoo.py --speed [--rounds 7]                       images a second of training on one thread, in turn; needed first
    python benchmarks/zoo.py --facts                                    parameters and FLOPs
    python benchmarks/zoo.py [--minutes 8] [--only UNet MyUNet ...]     train and measure
"""
import argparse, json, statistics, time
from pathlib import Path
import torch
import torch.nn.functional as F
from network import counter
from ddpm_nb.core import generator, make_network, to_tensor
from ddpm_nb.data import ImageData, fashion_mnist, image_dls
from ddpm_nb.features import bundled_space
from ddpm_nb.fid import fd_score
from ddpm_nb.sampling import DDPM
from ddpm_nb.schedules import cosine, quadratic_steps
from ddpm_nb.solvers import dpm_2m_step
from ddpm_nb.speed import fast
from ddpm_nb.training import ddpm_learner

path, runs = Path(__file__).with_suffix('.json'), Path(__file__).parent.parent/'runs'/'zoo'
networks = dict(
    UNet=dict(),
    MyUNet=dict(),
    AttentionUNet=dict(img_size=32),
    BatchNormUNet=dict(),
    ConditionalUNet=dict(in_channels=1, out_channels=1, num_classes=0),
    paper=dict(network='UNet', channels=(128,256,256,256), n_res=2, attn=(1,), in_ch=1, dropout=.1, groups=32, scale_shift=False, down='one_sided', eps=1e-6))

rates = dict(ConditionalUNet=2e-4)

def build(name):
    "Network with new weights and the height and width of its images"
    args = dict(networks[name])
    torch.manual_seed(0)
    return make_network(args.pop('network', name), args), 28 if name=='MyUNet' else 32

def padded(data, size):
    "The same images with a black border"
    p = (size-28)//2
    return ImageData(F.pad(data.images, (p, p, p, p)), name=data.name)

def facts(name):
    "Parameters that are trained, and FLOPs of a training step for one image, attention included"
    net, size = build(name)
    with counter() as c: net(torch.randn(2,1,size,size), torch.tensor([1,2])).square().mean().backward()
    return dict(parameters=sum(p.numel() for p in net.parameters() if p.requires_grad), train_flops_per_image=c.get_total_flops()/2)

def learn_and_measure(name, a, speed):
    "Train, draw, measure: one row; samples are kept for a look at them"
    (train, valid), (net, size) = fashion_mnist(), build(name)
    lr = a.lr or rates.get(name, 1e-3)
    images = int(60*a.minutes*speed)//a.bs*a.bs
    runs.mkdir(parents=True, exist_ok=True)
    dls = image_dls((padded(train, size), padded(valid.subset(slice(0, 100)), size)), a.bs, seed=0, epoch_len=images//2)
    learn = ddpm_learner(dls, DDPM(net, image_chw=(1,size,size), schedule=cosine(), target='v'), ema=.99, amp=torch.bfloat16, checkpoint=runs/f'{name}.safetensors')
    with learn.no_bar(): learn.fit_one_cycle(2, lr)
    with torch.autocast('cpu', torch.bfloat16): fake = learn.ddpm.sample(a.n, ts=quadratic_steps(1000, a.steps), step=dpm_2m_step, bs=50)
    torch.save(fake.half(), runs/f'{name}.samples.pt')
    p, space, real = (size-28)//2, bundled_space('fashion_mnist'), to_tensor(valid.images)
    fd = lambda x: fd_score(x, real, space)
    return dict(facts(name), minutes=a.minutes, images=images, bs=a.bs, lr=lr, samples=a.n, steps=a.steps, valid_loss=learn.log_cb.valid_loss[-1][1], space=space.name,
        fd=fd(fake[..., p:p+28, p:p+28])['value'], fd_real=fd(to_tensor(train.images[:a.n]))['value'])

def speed(a):
    "Images per second of processor time, on one thread: training steps of 16 images in bfloat16, the networks in turn (processor time, so that other programs on the machine count little)"
    torch.set_num_threads(1)
    def step(name):
        net, size = build(name)
        fast(net)
        opt, x, t = torch.optim.AdamW(net.parameters(), 1e-4, fused=True), torch.randn(16,1,size,size, generator=generator(0)), torch.arange(16)
        def run():
            with torch.autocast('cpu', torch.bfloat16): out = net(x, t)
            out.float().square().mean().backward()
            opt.step()
            opt.zero_grad()
        return run
    steps, secs = {n: step(n) for n in a.only}, {n: [] for n in a.only}
    for f in steps.values(): f()
    for _ in range(a.rounds):
        for n,f in steps.items():
            start = time.process_time()
            f()
            secs[n].append(time.process_time()-start)
    return {n: 16/statistics.median(v) for n,v in secs.items()}

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--only', nargs='*', default=list(networks), choices=list(networks), metavar='NETWORK')
    p.add_argument('--minutes', type=float, default=8, help='processor minutes of training, at the measured speed')
    p.add_argument('--bs', type=int, default=16)
    p.add_argument('--lr', type=float, help='in place of 1e-3 (ConditionalUNet: 2e-4)')
    p.add_argument('--n', type=int, default=500, help='images to draw')
    p.add_argument('--steps', type=int, default=10, help='steps of the solver')
    p.add_argument('--speed', action='store_true')
    p.add_argument('--facts', action='store_true', help='count parameters and FLOPs anew, nothing else')
    p.add_argument('--rounds', type=int, default=7)
    a = p.parse_args()
    rows = json.loads(path.read_text()) if path.exists() else {}
    if a.speed:
        for n,v in speed(a).items(): rows.setdefault(n, facts(n))['train_images_per_second'] = v
    if a.facts:
        for n in a.only: rows[n] = {**rows.get(n, {}), **facts(n)}
    for n in [] if a.speed or a.facts else a.only:
        rows[n] = {**rows.get(n, {}), **learn_and_measure(n, a, rows[n]['train_images_per_second'])}
        path.write_text(json.dumps(rows, indent=1) + '\n')
    path.write_text(json.dumps(rows, indent=1) + '\n')
    for n,r in rows.items(): print(n, r)

if __name__=='__main__': main()
