# What bench.py compares with: fpc's clusterboot, k-means, six segments, 50 bootstrap samples, one start each.
suppressMessages(library(fpc))
file <- commandArgs(trailingOnly = TRUE)[1]
x <- as.matrix(read.csv(file))
set.seed(0)
started <- proc.time()
found <- clusterboot(x, B = 50, bootmethod = "boot", clustermethod = kmeansCBI, krange = 6, runs = 1, count = FALSE)
spent <- proc.time() - started
write.csv(data.frame(label = found$partition), paste0(file, ".labels"), row.names = FALSE)
cat(sprintf('{"seconds": %.3f, "processor": %.3f}\n', spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]]))
