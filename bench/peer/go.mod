module putlive/bench/peer

go 1.19
