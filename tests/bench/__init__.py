"""The benchmark: ksf beside docxtpl used the plain way (and docxtemplater, where it is), in one interleaved run."""
