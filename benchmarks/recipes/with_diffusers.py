"""diffusers' unconditional training example with its defaults, on Fashion-MNIST for a budget of CPU minutes.

Its settings, read from examples/unconditional_image_generation/train_unconditional.py of the project: six levels with two blocks
each, attention at the fifth, 8-wide heads (the default of UNet2DModel); 1000 linear steps, noise as the target; batches of 16,
AdamW 1e-4 with betas .95 and .999, weight decay 1e-6 and eps 1e-8, 500 steps of warm-up, then a cosine; gradients clipped at 1;
float32; averaged weights with decay up to .9999 and power 3/4. Changed: images of 32x32 with one channel; channels 32 to 96 in
place of 128 to 512, for 4.8 million parameters. The cosine ends with the budget, where the example would spread it over 100
epochs, and images are not mirrored, as the example does: both are in its favour, since clothes have a side.

    python benchmarks/recipes/with_diffusers.py [--minutes 60] [--n 5000]
"""
import math
import torch
import torch.nn.functional as F
import common
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel
from diffusers.training_utils import EMAModel

def build():
    return UNet2DModel(sample_size=32, in_channels=1, out_channels=1, layers_per_block=2, block_out_channels=(32,32,64,64,96,96),
        down_block_types=('DownBlock2D',)*4 + ('AttnDownBlock2D','DownBlock2D'), up_block_types=('UpBlock2D','AttnUpBlock2D') + ('UpBlock2D',)*4)

def train(a, net, noising):
    images, budget = common.padded_images(), common.Budget(a.minutes)
    opt = torch.optim.AdamW(net.parameters(), lr=1e-4, betas=(.95,.999), weight_decay=1e-6, eps=1e-8)
    ema = EMAModel(net.parameters(), decay=.9999, use_ema_warmup=True, inv_gamma=1., power=3/4)
    for step,b in enumerate(common.shuffled(len(images), 16)):
        share = budget.share()
        if share >= 1: break
        for g in opt.param_groups: g['lr'] = 1e-4*min(1, (step+1)/500)*.5*(1+math.cos(math.pi*share))
        x0 = images[b].float()/127.5 - 1
        eps, t = torch.randn(x0.shape), torch.randint(0, 1000, (len(b),))
        loss = F.mse_loss(net(noising.add_noise(x0, eps, t), t).sample, eps)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step()
        opt.zero_grad()
        ema.step(net.parameters())
        if step%500==0: print(f'step {step}, loss {loss.item():.4f}, {budget.spent():.1f} CPU minutes', flush=True)
    ema.copy_to(net.parameters())
    return dict(net=net.state_dict(), facts=dict(steps_trained=step, images=16*step, cpu_minutes=budget.spent()))

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

    common.finish(a, 'diffusers', common.draw(a, sample), parameters=sum(p.numel() for p in net.parameters()), **done['facts'])

if __name__=='__main__': main()
