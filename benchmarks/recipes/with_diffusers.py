"""diffusers' unconditional training example with its defaults, on Fashion-MNIST for a budget of CPU minutes.

Its settings, read from examples/unconditional_image_generation/train_unconditional.py of the project: six levels with two blocks
each, attention at the fifth, 8-wide heads (the default of UNet2DModel); 1000 linear steps, noise as the target; batches of 16,
AdamW 1e-4 with betas .95 and .999, weight decay 1e-6 and eps 1e-8, 500 steps of warm-up, then a cosine; gradients clipped at 1;
float32; averaged weights with decay up to .9999 and power 3/4. Changed: images of 32x32 with one channel; channels 32 to 96 in
place of 128 to 512, for 4.8 million parameters; 8 groups in GroupNorm, so that the narrowest has 4 channels, as it has there. A
first run with 32 groups, one channel each, drew grey backgrounds and is not counted. The cosine ends with the budget, where the
example would spread it over 100 epochs, and images are not mirrored, which the version that was read always does: both are in
its favour, since clothes have a side. Drawn in 50 DDIM steps like the others; the example itself takes 1000 ancestral ones.

    python benchmarks/recipes/with_diffusers.py [--minutes 60] [--n 5000]
"""
import math
import torch
import torch.nn.functional as F
import common
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel
from diffusers.training_utils import EMAModel

def build():
    return UNet2DModel(sample_size=32, in_channels=1, out_channels=1, layers_per_block=2, norm_num_groups=8, block_out_channels=(32,32,64,64,96,96),
        down_block_types=('DownBlock2D',)*4 + ('AttnDownBlock2D','DownBlock2D'), up_block_types=('UpBlock2D','AttnUpBlock2D') + ('UpBlock2D',)*4)

def train(a, net, noising):
    images = common.padded_images()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-4, betas=(.95,.999), weight_decay=1e-6, eps=1e-8)
    ema = EMAModel(net.parameters(), decay=.9999, use_ema_warmup=True, inv_gamma=1., power=3/4)
    steps = common.Steps(a, net=net, opt=opt, ema=ema)
    for b in steps(common.shuffled(len(images), 16)):
        for g in opt.param_groups: g['lr'] = 1e-4*min(1, (steps.step+1)/500)*.5*(1+math.cos(math.pi*min(1, steps.budget.share())))
        x0 = images[b].float()/127.5 - 1
        eps, t = torch.randn(x0.shape), torch.randint(0, 1000, (len(b),))
        loss = F.mse_loss(net(noising.add_noise(x0, eps, t), t).sample, eps)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step()
        opt.zero_grad()
        ema.step(net.parameters())
    ema.copy_to(net.parameters())
    return dict(net=net.state_dict(), facts=steps.facts(16))

def main():
    a = common.arguments(__doc__)
    net, noising, file = build(), DDPMScheduler(num_train_timesteps=1000), a.out/'weights.pt'
    if not file.is_file(): torch.save(train(a, net, noising), file)
    done = torch.load(file, weights_only=True)
    net.load_state_dict(done['net'])
    net.eval()

    @torch.no_grad()
    def sample(n, seed):
        ddim = DDIMScheduler.from_config(noising.config)
        ddim.set_timesteps(a.steps)
        x = torch.randn(n, 1, 32, 32, generator=common.generator(1, seed))
        for t in ddim.timesteps: x = ddim.step(net(x, t).sample, t, x, eta=0.).prev_sample
        return x

    common.finish(a, 'diffusers', common.draw(a, sample), seconds_each=common.seconds_each(sample), parameters=sum(p.numel() for p in net.parameters()), **done['facts'])

if __name__=='__main__': main()
