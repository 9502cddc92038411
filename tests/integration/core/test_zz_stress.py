import time
from functools import partial
from shared.db import jobs
from tests.integration.core.world import node
from tests.integration.core.conftest import world
def test_it(world):
    slow=0; err=0; a=world.another(); b=world.another()
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(2) as pool:
        for i in range(150):
            j=world.job([node()]); [h]=world.claim()
            t=time.time()
            f1=pool.submit(lambda: world.finish([h],connection=a))
            time.sleep((i%30)*5e-5)
            f2=pool.submit(jobs.cancel,b,j)
            for f in (f1,f2):
                try: f.result()
                except Exception as e: err+=1; print(type(e))
            slow+=time.time()-t>0.5
    print("STRESS slow",slow,"errors",err)
