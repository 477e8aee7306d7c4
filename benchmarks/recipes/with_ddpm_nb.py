"""The recipe of this package with its defaults, on Fashion-MNIST for a budget of CPU minutes.

That is `ddpm_train --data fashion_mnist --images N`, and nothing else; bfloat16 is among its defaults where a processor is good
at it. Only N is chosen: two short runs say what a start and an image cost, so that the whole command, start and pictures at the
end included, takes a little less than the budget.

    python benchmarks/recipes/with_ddpm_nb.py [--minutes 60] [--n 5000]
"""
import common

def main():
    a = common.arguments(__doc__)
    facts = common.train_for(a.out, a.minutes)
    sample, parameters = common.sampler_of(a, a.out)
    common.finish(a, 'ddpm_nb', common.draw(a, sample), parameters=parameters, seconds_each=common.seconds_each(sample), **facts)

if __name__=='__main__': main()
