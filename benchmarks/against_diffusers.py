"""The schedules and samplers of this package against those of diffusers: the same images from the same noise.

Each setting is drawn at random from a printed seed: schedule, number of steps, target, clipping, grid, eta or variance,
shape. Both sides walk in float32, from the same start, with the same noise, and ask the same model, a nonlinear function
of image and step. Compared are all the images that the model is asked about, in their order, and the end. The relative
error of a setting is the largest max|ours - theirs| / max|theirs| of all these, and may be 1e-4 at most. Betas and grids
are compared too. Exits with 1 and prints the setting where anything is off; writes nothing.

diffusers holds alpha_bar in float32, where 1 - alpha_bar is off by up to one part in a thousand near the data (ours are
float64). In one setting of about a thousand this alone moves an image by more than 1e-4. So its alpha_bar is put in as
the float64 product of its own betas; the last two columns say how far apart the images are with it as installed.

    python benchmarks/against_diffusers.py [--seed 0 | --seed date] [--n 30] [-v] [--only ddim [--index 7]]
"""
import argparse, datetime, itertools, math, random, statistics, sys, time
from functools import partial
import torch
import torch.nn.functional as F
from diffusers import (DDIMInverseScheduler, DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler,
    HeunDiscreteScheduler, PNDMScheduler, __version__)
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr
from ddpm_nb.core import generator
from ddpm_nb.ddim import ddim_invert, ddim_step
from ddpm_nb.sampling import ancestral_step, beta_large, beta_tilde, clip_unit, dynamic_threshold, learned, sample
from ddpm_nb.schedules import (cosine, even_steps, exponential_sigmas, karras_sigmas, leading_steps, linear, quadratic, sigma_steps,
    sigmoid, trailing_steps, zero_snr)
from ddpm_nb.solvers import dpm_2m_step, euler_step, heun_step, plms_step

TOL, BETA_TOL, MAX_SIGMA = 1e-4, 1e-5, 40
SCHEDULERS = dict(ddpm=DDPMScheduler, ddim=DDIMScheduler, inverse=DDIMInverseScheduler, heun=HeunDiscreteScheduler,
    euler=EulerDiscreteScheduler, dpm=DPMSolverMultistepScheduler, pndm=PNDMScheduler)
FAMILIES = dict(linear=('linear', linear), quadratic=('scaled_linear', quadratic), cosine=('squaredcos_cap_v2', cosine), sigmoid=('sigmoid', sigmoid))
TARGETS = dict(eps='epsilon', x0='sample', v='v_prediction')
SIGMAS = dict(karras=karras_sigmas, exponential=exponential_sigmas)
VARS = dict(fixed_small=beta_tilde, fixed_large=beta_large, learned_range=learned)

# Where diffusers means something else, and what is done about it
REASONS = """
all       takes the noise level of step 0 for the data unless set_alpha_to_one: it is set
ddpm      adds noise in the last step if the grid ends above 0, unless the variance is fixed_small: these grids end at 0
ddim, inverse, pndm  go on by T//n on any grid: where that is not the next step, they get a table of the kept steps alone
ddim      keeps the model's noise when it clips (rederive=False), except with use_clipped_model_output (rederive=True); with
          eta = 1 at a signal of 0 it takes the root of a rounding error, NaN if that is negative: eta <= 0.9 there
inverse   translates x0 and v, asked at the upper step, with the factors of the lower, and divides by 0 at the data: it is
          given eps, ours any target. Ours does not clip. At a signal of 0 it keeps the guess, ours takes the noise that goes
          with the predicted image: zero-SNR grids start below it
pndm      extrapolates v before it is translated, ours the noise, and knows no x0: it is given eps, ours any target. Its
          list has the second step twice, which makes the first a Heun step, as ours
euler, pndm  have no clipping: their model clips
euler, heun  walk x/a, so x/a is their start. Between two steps their sigma is a straight line, our log sigma: they visit
          whole steps, or grids of sigma, which both place along log sigma. Heun lists its steps once for each question;
          from a sigma over 200 ours takes Euler's step, theirs the mean of both slopes: its grids start below that
dpm       rounds the steps of grids of sigma, but not the sigmas: the model is asked at the step of the sigma. Clips by
          thresholding with sample_max_value = 1
euler, dpm  replace a signal of 0 by 2**-12, a noise level of 4096, where ours is infinite: zero-SNR grids start below it.
          Heun and PNDM have no zero-SNR schedules
sigma     an image from eps, and any step of euler, heun and pndm, is a difference of numbers about sigma times as large, in
          float32 on both sides: grids whose first step loses a factor of over 40 by it start lower
grids     where a step ends in exactly 1/2, both round as their floats fall. The trailing list of diffusers has for some T
          and n a step too many, -1, which reads the last entry of its table
"""

def draw(name, seed, index):
    "One setting"
    r = random.Random(f'{seed} {name} {index}')
    T = r.choice([50, 100, 250, 1000, 1000, 2000, r.randint(50, 1000)])
    s = dict(only=name, seed=seed, index=index, T=T, family=r.choice([*FAMILIES]), beta_start=10**r.uniform(-4.3, -3),
        beta_end=min(.5, r.uniform(.01, .02)*r.choice([1, 1000/T])))
    s['zero'] = r.random()<.25 and name in ('ddpm', 'ddim', 'inverse', 'euler', 'dpm')
    s['target'] = r.choice(['x0', 'v'] if s['zero'] else [*TARGETS])
    dynamic = ['dynamic'] if name in ('ddpm', 'ddim', 'dpm') else []
    s['clip'] = None if name=='inverse' or r.random()<.15 else r.choice(['unit', 'unit', *dynamic])
    s |= dict(p=r.uniform(.8, .995), rederive=r.random()<.5 if dynamic else True, eta=r.choice([0., 1., r.random()]), var=r.choice([*VARS]))
    s |= dict(shape=(r.randint(1, 3), r.randint(1, 3), r.randint(4, 8), r.randint(4, 8)), amplitude=r.uniform(.1, .6))
    s['range'] = r.uniform(.3, 1.5) # standard deviation of the model's images, and half the width of those to invert
    grids = ['leading', 'linspace', 'trailing', 'custom'] + [*SIGMAS]*(name in ('heun', 'euler', 'dpm'))
    s['grid'], s['ts'] = draw_grid(r, name, s, r.choice(grids), r.choice([r.randint(5, 50), r.randint(5, 15)]))
    if s['zero'] and s['ts'][0]==T-1: s['eta'] = min(s['eta'], .9)
    return s

def draw_grid(r, name, s, grid, n):
    "Its kind and its falling steps"
    sched, T = schedule(s), s['T']
    falling, offset = lambda top: sorted(r.sample(range(top), min(n, top)), reverse=True), r.randrange(T//n)
    if grid in SIGMAS: ts = sigma_steps(sched, n, SIGMAS[grid])
    else: ts = falling(T) if grid=='custom' else dict(leading=leading_steps, linspace=even_steps, trailing=trailing_steps)[grid](T, n)
    if grid=='leading': ts = [t+offset for t in ts]
    (a, std), (a_next, _) = sched.at(ts[0]), sched.at(ts[1])
    loss = std/a*max(a_next, 1 if name=='pndm' else .1) if a else math.inf # PLMS carries the loss of several steps along
    from_inf = s['zero'] and (a==0 or grid in SIGMAS) and name in ('euler', 'dpm', 'inverse')
    pure = name=='heun' and std > 200*a # our step from there is Euler's
    if from_inf or pure or loss>MAX_SIGMA and (s['target']=='eps' and name!='inverse' or name in ('euler', 'heun', 'pndm')):
        grid, ts = 'custom', falling((sched.sigma<=MAX_SIGMA).sum().item())
    if name=='ddpm' and s['var']!='fixed_small' and ts[-1]!=0: grid, ts = 'custom', [*ts[:-1], 0]
    return grid, ts

def schedule(s):
    "Ours"
    make = FAMILIES[s['family']][1]
    sched = make(s['T']) if s['family']=='cosine' else make(s['T'], s['beta_start'], s['beta_end'])
    return zero_snr(sched) if s['zero'] else sched

class Model:
    "Velocity of Gaussian data, plus a random convolution of a tanh with coefficients that change with t; keeps what it was asked"
    def __init__(self, s, target, clip=None):
        self.s, self.sched, self.target, self.clip, self.asked = s, schedule(s), target, clip, []
        g, c = generator(s['index']), s['shape'][1]
        self.wide, self.out = torch.randn(8, c, 3, 3, generator=g)/(9*c)**.5, torch.randn(2*c, 8, 3, 3, generator=g)/72**.5
        self.phase = torch.rand(8, generator=g).view(1,-1,1,1)*6

    def __call__(self, x, t):
        t = t.flatten()[0].item()
        self.asked.append((t, x))
        (a, s), var = self.sched.at(t), self.s['range']**2
        h = torch.tanh(F.conv2d(x, self.wide, padding=1) + torch.cos(self.phase + 4*t/self.s['T']))
        h, mix = F.conv2d(h, self.out, padding=1).chunk(2, 1)
        v = a*s*(1-var)/(a**2*var + s**2)*x + self.s['amplitude']*h
        x0, eps = a*x - s*v, s*x + a*v
        if self.clip:
            x0 = self.clip(x0)
            eps = (x - a*x0)/s
        out = dict(eps=eps, x0=x0, v=a*eps - s*x0 if self.clip else v)[self.target]
        return torch.cat([out, mix.tanh()], 1) if self.s['only']=='ddpm' and self.s['var']=='learned_range' else out

def start(s):
    "Noise, or images to turn into noise"
    if s['only']=='inverse': return (torch.rand(s['shape'], generator=generator(1))*2-1)*s['range']
    return torch.randn(s['shape'], generator=generator(1))

def ours(s, clip):
    "The questions to the model, and the end"
    model, gen = Model(s, s['target']), generator(2)
    if s['only']=='inverse': return model.asked, ddim_invert(model, start(s), s['ts'], model.sched, s['target'], iters=1)
    step = dict(ddpm=partial(ancestral_step, var=VARS[s['var']]), ddim=partial(ddim_step, eta=s['eta']), heun=heun_step,
        euler=euler_step, dpm=dpm_2m_step, pndm=plms_step)[s['only']]
    noise = lambda x: torch.randn(x.shape, generator=gen)
    return model.asked, sample(model, start(s), s['ts'], model.sched, noise, step, s['target'], clip, s['rederive'])

def theirs(s, installed=False):
    "The same from diffusers, perhaps with its table as installed"
    name, gen = s['only'], generator(2)
    sch, steps = scheduler(s, None if installed else alpha_bar(s))
    model = Model(s, 'eps' if name in ('inverse', 'pndm') else s['target'], clip_unit if name in ('euler', 'pndm') and s['clip'] else None)
    x = start(s)*((sch.sigmas[0]**2+1)**.5 if name in ('euler', 'heun') else 1)
    extra = dict(ddpm=dict(generator=gen), ddim=dict(eta=s['eta'], generator=gen, use_clipped_model_output=s['rederive']))
    for t, t_asked in zip(sch.timesteps, steps):
        out = model(sch.scale_model_input(x, t), torch.as_tensor(t_asked))
        x = sch.step(out, t, x, **extra.get(name, {})).prev_sample
    return model.asked, x

def betas_of(s, cls=DDPMScheduler):
    "Arguments for the schedule; only diffusers' DDPM knows the sigmoid one"
    args = dict(num_train_timesteps=s['T'], beta_start=s['beta_start'], beta_end=s['beta_end'], beta_schedule=FAMILIES[s['family']][0])
    if s['family']=='sigmoid' and cls is not DDPMScheduler: args |= dict(beta_schedule='linear', trained_betas=DDPMScheduler(**args).betas.numpy())
    return args | dict(rescale_betas_zero_snr=True) if s['zero'] else args

def alpha_bar(s):
    "diffusers' alphas_cumprod from its own betas, in float64"
    beta = DDPMScheduler(**betas_of(s | dict(zero=False))).betas.double()
    return (1 - (rescale_zero_terminal_snr(beta) if s['zero'] else beta)).cumprod(0)

def scheduler(s, table):
    "A diffusers scheduler with its steps set, and the steps to ask the model at"
    name, ts = s['only'], s['ts']
    args = betas_of(s, SCHEDULERS[name]) | dict(prediction_type=TARGETS['eps' if name in ('inverse', 'pndm') else s['target']])
    if name in ('ddpm', 'ddim', 'heun', 'inverse'): args |= dict(clip_sample=s['clip']=='unit')
    if s['clip']=='dynamic' or name=='dpm' and s['clip']:
        args |= dict(thresholding=True, dynamic_thresholding_ratio=s['p'], sample_max_value=1. if s['clip']=='unit' else 1e9)
    if name in ('ddim', 'inverse', 'pndm'): return by_stride(s, args | dict(set_alpha_to_one=True), table)
    if name=='ddpm': args |= dict(variance_type=s['var'])
    if s['grid'] in SIGMAS: args[f"use_{s['grid']}_sigmas"] = True
    sch = SCHEDULERS[name](**args)
    if table is not None: sch.alphas_cumprod = torch.cat([table[:-1], sch.alphas_cumprod[-1:] if s['zero'] else table[-1:]])
    sch.set_timesteps(**dict(num_inference_steps=len(ts)) if s['grid'] in SIGMAS else dict(timesteps=ts))
    if name!='ddpm': sch.set_begin_index(0)
    if name!='dpm' or s['grid'] not in SIGMAS: return sch, sch.timesteps
    log_sigmas = ((1-sch.alphas_cumprod)/sch.alphas_cumprod).sqrt().log().numpy()
    return sch, [sch._sigma_to_t(x, log_sigmas).item() for x in sch.sigmas[:-1].numpy()]

def by_stride(s, args, table):
    "A scheduler that goes on by T//n: on its own grid if that is ours, otherwise with a table of the kept steps alone"
    cls, ts, n = SCHEDULERS[s['only']], s['ts'], len(s['ts'])
    if cls is PNDMScheduler: args |= dict(skip_prk_steps=True)
    own = s['grid']=='leading' or s['grid']=='trailing' and s['T']%n==0
    sch = cls(**args | dict(timestep_spacing=s['grid'], steps_offset=ts[-1] if s['grid']=='leading' else 0) if own else args)
    if table is not None: sch.alphas_cumprod = table
    if not own:
        sch.alphas_cumprod = sch.alphas_cumprod[ts[::-1]]
        sch.register_to_config(num_train_timesteps=n)
    sch.set_timesteps(n)
    return sch, sch.timesteps if own else [ts[::-1][i] for i in sch.timesteps]

def distance(a, b):
    "Largest difference relative to the largest value; infinite if anything is not finite"
    return ((a-b).abs().max()/b.abs().max()).nan_to_num(nan=math.inf, posinf=math.inf).item()

def apart(one, other):
    "Relative error of two walks, infinite if the model is asked at other steps"
    (asked, x), (asked_there, y) = one, other
    if len(asked)!=len(asked_there) or any(abs(t-u)>.1 for (t,_),(u,_) in zip(asked, asked_there)): return math.inf
    return max(distance(x, y), *[distance(p, q) for (_,p),(_,q) in zip(asked, asked_there)])

def compare(s):
    "Relative error, that with diffusers as installed, and whether clipping binds: a pixel was beyond [-1, 1] and the end changes"
    beyond, how = [], partial(dynamic_threshold, p=s['p']) if s['clip']=='dynamic' else clip_unit
    def clip(x0):
        beyond.append((x0.abs()>1).any().item())
        return how(x0)
    walk = ours(s, clip if s['clip'] else False)
    return apart(walk, theirs(s)), apart(walk, theirs(s, True)), any(beyond) and distance(ours(s, False)[1], walk[1])>10*TOL

def check_schedules(seed, n=40):
    "For each family, with and without zero SNR: the largest relative error of betas, and its setting"
    worst = {}
    for i in range(n):
        r = random.Random(f'{seed} schedules {i}')
        sizes = dict(T=r.randint(2, 2000), beta_start=10**r.uniform(-5, -3), beta_end=r.uniform(.005, .05))
        for family, zero in itertools.product(FAMILIES, (False, True)):
            s = sizes | dict(family=family, zero=zero)
            beta = DDPMScheduler(**betas_of(s | dict(zero=False))).betas.double()
            want = rescale_zero_terminal_snr(beta) if zero else beta
            error, key = ((schedule(s).beta-want).abs()/want).max().item(), family + ', zero SNR'*zero
            if not error<worst.get(key, (0, None))[0]: worst[key] = error, s
    return worst

def check_grids(seed, n=400):
    "Settings in which a grid is not that of set_timesteps, except for ties; and how many lists of diffusers are too long"
    r, wrong, long = random.Random(f'{seed} grids'), [], 0
    for i in range(n):
        T = r.randint(2, 2000)
        steps = r.randint(2, min(T, r.choice([20, 2000])))
        for spacing, f in dict(leading=leading_steps, linspace=even_steps, trailing=trailing_steps).items():
            sch = DDPMScheduler(num_train_timesteps=T, timestep_spacing=spacing)
            sch.set_timesteps(steps)
            top, parts = dict(leading=(0, 1), linspace=(T-1, steps-1), trailing=(T, steps))[spacing]
            tie = lambda i: 2*i*top%parts==0 and 2*i*top//parts%2
            pairs = enumerate(zip(f(T, steps), sch.timesteps.tolist()))
            if len(sch.timesteps)<steps or any(abs(a-b)>tie(i) for i,(a,b) in pairs): wrong.append((spacing, T, steps))
            long += len(sch.timesteps)>steps
    return wrong, long

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--seed', default='0', help="a number, or 'date' for today's")
    p.add_argument('--n', type=int, default=30, help='settings for each scheduler')
    p.add_argument('--only', choices=[*SCHEDULERS])
    p.add_argument('--index', type=int, help='this setting alone')
    p.add_argument('-v', '--verbose', action='store_true', help='a line for each setting')
    a = p.parse_args()
    torch.set_num_threads(1)
    seed, began, failed = int(f'{datetime.date.today():%Y%m%d}' if a.seed=='date' else a.seed), time.perf_counter(), []
    print(f'diffusers {__version__}, torch {torch.__version__}, --seed {seed}\n\nWhere diffusers differs on purpose, and what is done about it:{REASONS}')
    if a.only is None:
        for key, (error, s) in check_schedules(seed).items():
            print(f'betas of {key:20} {error:.1e}')
            if not error<=BETA_TOL: failed.append(f'betas of {key}: {s}')
        wrong, long = check_grids(seed)
        print(f'grids: {len(wrong)} wrong; {long} trailing lists of diffusers are too long\n')
        failed += [f'grid {w}' for w in wrong]
    rows = {}
    for name in [a.only] if a.only else SCHEDULERS:
        rows[name] = []
        for i in range(a.n) if a.index is None else [a.index]:
            s = draw(name, seed, i)
            error, installed, binds = compare(s)
            rows[name].append((error, installed, binds))
            if a.verbose: print(f'{error:.1e} {installed:.1e}', 'binds' if binds else '-', s)
            if not error<=TOL: failed.append(f'error {error:.1e}, to repeat: --only {name} --seed {seed} --index {i}\n  {s}')
    print('scheduler  settings  clipping binds    worst   median | as installed: worst  within 1e-4')
    for name, row in [*rows.items(), ('all', sum(rows.values(), []))]:
        error, installed, binds = zip(*row)
        print(f'{name:10} {len(row):8}  {sum(binds):14}  {max(error):.1e}  {statistics.median(error):.1e} |'
            f'{max(installed):20.1e}  {sum(e<=TOL for e in installed):11}')
    print(f'{time.perf_counter()-began:.0f} s', *failed, sep='\n')
    sys.exit(bool(failed))

if __name__=='__main__': main()
