"""denoising-diffusion-pytorch with its defaults, on Fashion-MNIST for a budget of CPU minutes.

Its settings, as of version 2.3: dim_mults (1, 2, 4, 8), full attention at the innermost level and linear attention elsewhere;
1000 steps of the sigmoid schedule, v as the target; batches of 16, half of the images mirrored, Adam 1e-4 with betas .9 and .99,
gradients clipped at 1, float32; averaged weights with decay .995, every 10 steps. Changed: images of 32x32 with one channel;
dim=20 in place of 64, for 3.7 million parameters. The images are in memory and not read from files by other processes, which
costs the budget less than its own loader would.

    python benchmarks/recipes/with_denoising_diffusion_pytorch.py [--minutes 60] [--n 5000] [--no-mirror]

Clothes have a side, so mirroring costs it much here; `--no-mirror` trains without, as another row.
"""
import torch
import common
from denoising_diffusion_pytorch import GaussianDiffusion, Unet
from ema_pytorch import EMA

def train(a, diffusion, ema, mirror):
    images = common.padded_images()
    opt = torch.optim.Adam(diffusion.parameters(), lr=1e-4, betas=(.9,.99))
    steps = common.Steps(a, diffusion=diffusion, opt=opt, ema=ema)
    for b in steps(common.shuffled(len(images), 16)):
        x = images[b].float()/255
        if mirror: x = torch.where(torch.rand(len(x),1,1,1) < .5, x.flip(3), x)
        loss = diffusion(x)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(diffusion.parameters(), 1.)
        opt.step()
        opt.zero_grad()
        ema.update()
    return dict(net=ema.ema_model.state_dict(), facts=steps.facts(16))

def main():
    a = common.arguments(__doc__, '--no-mirror')
    net, file = Unet(20, channels=1), a.out/'weights.pt'
    diffusion = GaussianDiffusion(net, image_size=32, sampling_timesteps=a.steps)
    if not file.is_file(): torch.save(train(a, diffusion, EMA(diffusion, beta=.995, update_every=10), not a.no_mirror), file)
    done = torch.load(file, weights_only=True)
    diffusion.load_state_dict(done['net'])
    diffusion.eval()

    def sample(n, seed):
        torch.manual_seed(1000 + seed) # it draws from PyTorch's own stream
        return diffusion.sample(batch_size=n)*2 - 1

    common.finish(a, 'denoising-diffusion-pytorch' + ', not mirrored'*a.no_mirror, common.draw(a, sample), seconds_each=common.seconds_each(sample), parameters=sum(p.numel() for p in net.parameters()), **done['facts'])

if __name__=='__main__': main()
