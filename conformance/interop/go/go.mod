module pyodide-ssl-interop

go 1.19
