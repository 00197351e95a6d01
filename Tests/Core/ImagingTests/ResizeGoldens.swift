// Written by Tests/Core/Goldens/imaging.py with Pillow 13.0.0; do not edit.
// What Pillow makes of the 23 x 17 test pattern.
import Foundation

/// By "filter.kind.width.height"; planes are little-endian Float32.
let resizeGoldens: [String: Data] = [
    "bicubic.rgb.9.7": golden(
        """
        hVpQhmqggFmrY16VYqmOUaeLcYlxqIt1qYhji2GLh3qNhH9wWJ95b5hvaYaNroONk2N3h4RuVKyeXJyFXJGecJiFdJGNrY9yp3dgim9ysIVk\
        npR+kH+DsHVyq3xwmWdsnGZ9hF5slYN3pIVgi45iepxwcZlikY5iiZpslZBejI9mh5doloFbe1CafmqhhVyniWytdXWTg2lPhGlAg3VMmmdD\
        gXCMnWOGh2aIk2uLl4SIc4Shc2+VW3xxe3VS
        """),
    "bicubic.grey.9.7": golden(
        """
        hYaAY2JRcaipi4eEWG9prpOHVFxccHStp4qwnpCwq5mchJWki3pxkYmVjIeWe36FiXWDhIOagZ2Hk5dzc1t7
        """),
    "bicubic.rgb.31.22": golden(
        """
        AL92cpE2rkdfYCflGMuZjb5H021shUb6Oue9p+N/95o9qmAQbxWtJHG0NMVjznkwmyvJSYbZUOmO7p5UwGMGfxpWPxbEALd5hJEqqj9wWTLm\
        GNaenrdPyG2Mhz7/d4Qpl24MoE0RfztSX2fQh1jNnT3GejXrW2DfdFbHijaodxuRXAC6PH6zOPyVYNSLRrS0LsawMuKQWtB0Q7ZTHZVsJYyS\
        pLdx46BP54dcw4Z7prBrx55M031Vw2d1hClYjD1smFFEqF0IyGeifHvXTGTgbiDXeyGOjyyGcz6dJla1PWizUIfLXKXAZrdue9F1T96EGseS\
        H4CfK4fBOKCLcLJF/7BmxM90oKmGuGZ80XYn24QzsZJDd51CYhm3cCfzmU6/zX8u6JFggNN3O6igYQzFlkUZwIMal6tQHL9hLf+aXY7GhySj\
        mm0g430sgrZdE62VWATLkTDtslWfzG4/96ZeXs2UNIjBdh+wiDoqymsqhqhbANOG+7JfmVC3kEaz45dVaB7Dp2F3smtfTgO5uWBAd894VdmP\
        s24iP9aMbJxWjW4nHtSIhGIYVYUtF7KcgDz17ZyIxHqdgjbU7KNdhkC3kUqg04pTWw+/rE9joLxgPf+4vWIEgheGQzm8P7xsq2xKtDqceF/S\
        QsSn4qhj0I40kFxQfB+0Jbqeg7hQ13BWf17zWMSwEduBDqpnqmZNnj2wVHjQQ8Wj4qJaslwvgChlXjG3Dp2bkZVHtXB6blv9Xq5eVI6ZMqay\
        GO2Nbs5sX56rNqvLMfeaeNt/drVRTo1eKHm4A76QOcBnZpptQ4Oxk9SokNWGk6la5Y40xWqAmpWQmMtt3ptS2X4huF1BkFl9cq5OrZczvmZU\
        oEeNbPKhSf+iNuqqQ7euRMOEUtV2Q919FtSPF6mXIKasLLadPcVhS79wJM5+AMmGEJmGxZlW/6FQ+a5jv75sxJFz1X5U4oYz3JBHtaZTp5BX\
        uGhayWVnxXNDy4Es2oks95dZbNB4Jp2yaQ7HjkYdznAhpKRaF8GCQRmychTsn07GxnUz/6VZm9+LOcK/eyvenEpH1n8ryLBkI9aURkPOeB14\
        pFcI14c/Q8JuFXWZVgLDezz7qmRt2pQ5+LtxqkHwOKCiJJ6mgDr5Ga5sU2estlfE4bVwezXiu26o3IyAgSfO5ZVrpm2hdUXK4ZZegSqvpVKH\
        yohcTya+snNlnkx2aBKizoQ+YTOSbSaCtHtGQeO6mJRXmp9ORvykQ7bXf7yVrZhhnFVxR1S8J4jSdbGp/qRbp1lYlkGKdl+5Lpy3x6NkvmNG\
        gytihz6gKHyzdZhv0Xpfeyf5fiWwQVOWJ4aNxII1jSe9Yl3QdeaAtt+IxpM5kmppTXHpauN6y71q+5M+ynMkqzqcdZmPhtBi5JVMzXcSokBj\
        dFWbXsxiw55NzHgboVAjfCeVUaNrjK8/znlPpFuzfyCdVV9vWLdEv30trFCKen+ldst37p5I1H8ko1RTiy6m4IRd3YtP0ZNIxJpQy6RM1Y1T\
        131P0YpAv49GwJpGyZNH0XZNy3470YY80Y1AvpU9x3dGxnE9xnwvzoIrvI4zun08wmc8vHIrxnokvnsnrnUxrGE3sWYquW8ewHQcijj5vWB6\
        jJI3CL91Ov6nbYTlpDm5vH0tIKhcGeqPVcnFhjHlsWJK8ZQ72sd3PvKoaFXlmz6KzX4k/qlgZ+2RRpnNhyfGsmgp9pRCq895MdascDDenUda\
        z4Qp96ZcLsLGjYJXhpI9G+mOjo9AWqeQVaWWsG0hKdyAXbRdhI1ZM7u6nnA3i61UZ9uAloM6PrKobY5xqXspXueLjJpHZZh0Pq6orGYhdcds\
        csNqioJDMLi1h3lLl5E8V+yPedBmmYIahFs2P4KvYJBKdL9Uja9FoVkHT3idUYx4cKlDgM1kpm8LaWhgNomma5lBe81vnJtAlV0wN4TDWpJw\
        eLthjMRqq2QWVXaZRY+idKVTgtV7qIYtgWlWM4vR03FirFo4fidkWg7YHaSwjZl/0mZNkUc7bwjEMm3NT7eZ3Hdoq1o3gCGQVjLiML+wvZNR\
        zmoQk0MgcROnNZqQgbhe5n8tqF0Ogx2EUV6qS8x24JREyHAUkUJRdxu7eTPqezPsfjXtgDfrhDjugjrwgjz0hTz1iD/zij/0jEH4iUP6jET9\
        j0X8kUj9kEj+kEo4k0wClUwFmE8DmE8FmVAJmVAKnVQLn1YLoVgNoFgPoVgTo1oTp14TqV8UIMyjS1zTfiSop1wy6Y5fdsiVNKLMeSnjoFNW\
        4YZQx7uKONi/bVH2q0Wbln1KFK+CMeaUZpfEoEC31HYtSLhJLWyObAaRk0kA2HEXl6tUJ7OJZRu2jjdDwXMY7JJEiL5FYjuhdxiUwXghmEiN\
        lJtxgpl+aRzR0XZAwmlsnXaiodB7dETZvFqKzY1LNmW2ldCYpJHPd0LlVaBZS4KyKHTHJm2gjUWWdKF2Y7BLXH9GJIWxeVs/loIqbtZ6vl1k\
        ZU+bcmqV4JRQdy6Rp1KFrFKQVRDBlJlsi22Ml0KO2n84eCa9hnGnsa1+o0i85YZXwF2SWEfeA8yFjnTBiYCWRaluikP/MnPGM35ccnUlUcVq\
        i3Ygc2dAIaCwbxfqO6rAcvOO/61i0IUhnVSmbRv5RAWyAK2JfLhZ2XwhkkkFaQ6qKHy+Qt+C7KNOwHASjDR2X0jjNuyp0tF1+pk6vWlFiUDs\
        XwDWI0ukHtF40o9Fu2QHfjFQXgja
        """),
    "bicubic.grey.31.22": golden(
        """
        AHKuYBiN04U6p/eqbyQ0zptJUO7Afz8AhKpZGJ7Ih3eXoH9fh516W3SKd1w8OGBGLjJaQx0lpOPnw6bH08OEjJioyHxMbnuPcyY9UFxme08a\
        Hys4cP/EoLjR27F3YnCZzeiAO2GWwJccLV2HmuOCE1iRssz3XjR2iMqGAPuZkONop7JOuXdVsz9sjR6EVReA7cSC7IaR01usoD29gkM/q7R4\
        QuLQkHwlg9d/WBEOqp5UQ+KygF4OkbVuXlQyGG5fNjF4dk4oAzlmQ5OQk+XFmpje2biQcq2+oGxJNkNEUkMWFyAsPUskABDF//m/xNXi3LWn\
        uMnFy9r3bCZpjs6kF0Fyn8b/mzl7nNbII0Z4pNdDFVZ7qtr4qjgkgBlTtuF7u9yB5aZ14YGlyk+ynmjOYW20QZiaRkN/rZxHJ3X+p5Z2Lse+\
        g4coddF7fkEnxI1idbbGkk1qy/vKq3WG5M2idF7DzKF8UYzOpH9VWL+senbu1KOL4N3RxMvV19G/wMnRy9HRvsfGxs68usK8xr6urLG5wIq9\
        jAg6baS8IBlVhrHx2j5om83+Z0aHsvarMXCdz/cujYYbjlpVsCldhDOei2eWPm2pXoxlPqx1coowh5dXeZmEP2B0jaFPUXCApmk2a3uclTda\
        eIyrVUV0gqiBM9OsflodjdKRbzJP3KuAVjC9zpNxNYHmqINRS+DIkXd5e36AhIKChYiKjImMj5GQkJOVmJiZmZ2foaCho6epIEt+p+l2NHmg\
        4cc4bauWFDFmoNRILWyT2JcnZY7B7Ihid8GYlIJp0cKdoXS8zTaVpHdVSygmjXRjXCR5lm6+ZXLgd6esVZSLl9p4hrGj5cBYA46JRYoyM3JR\
        i3Mhbzty/9CdbUQAfNmSaShC7MCMXzbS+r2JXyMe0rt+Xg==
        """),
    "bicubic.rgb.23.5": golden(
        """
        c2NglkF2n15Ki3mriYSVbSbdhHR0n31/Yl1uQHG3XZiVeKdjf5OFFtmQb3GYeICEWGyIvbJpmZJxolmbgoBc1ItCbZOTn5hvP4W+XZ2WeoVn\
        f42ZOrGciH16cJh/ZXN/U9ODapRwVnyro51ggbJpk3qDsWKgiYNz5phPd3BplUiBbXmLx341kJiOjpurm7dcj298bYV+go2azadQf2Nwn3ST\
        doGO4pRElHhilWiCbnGH3Ig9jmyiilx6YmZ2xXwzgl+WfpxuopiLuXAnl4yFgI6Zq1NFTH2ddJx+gpCbqFtGU3+fcJ58hJKjplxIiH2gYqB+\
        hZN4p14di391ZKJTiYZ5qWAQjYZ3a6RXi4J4q2IZi4N5fHeQVEjCw3Fem1iKi4afYxrRlX9tqmaZmpVwcSjgno57cXWoqaRVgDfEXJ1ggISM\
        Z2tkj0aLa29vUZNKdnpznlUMen5+
        """),
    "bicubic.grey.23.5": golden(
        """
        c5afi4lthJ9iQF14fxZveFi9maKC1G2fP116fzqIcGVTalajgZOxieZ3lW3HkI6bj22CzX+fduKUlW7cjopixYJ+ormXgKtMdIKoU3CEpohi\
        haeLZImpjWuLq4t8VMObi2OVqppxnnGpgFyAZ49rUXaeeg==
        """),
    "bicubic.rgb.6.17": golden(
        """
        Ynt5kJeWe3N3hYmBZmVsg4GamE9GcyDhTGe7G+eUkbZt5pFIlGCWf3xoaZV8fWyHlXyKeHtcrmCSi2h6aalUaoV5smGijHiEZmR3kZCFfYGM\
        YJ2ThXxwdGuDOvGoI9uSEMR7zKxj5JVMyH82gIFzcWKCn4mOiYF3cWxsm2ePTn2+o3SqsGSbnVSLjkh7eqpylpd6iH53fXRmcWWSbXmVpoqG\
        3JNK1YxDzYQ7xXwzvXQrtm0kbI+QXJmPk5SLmpCHlI2EnoF4aKlgbqNabaRbbaRbbqNaaKlggmVceHFofXRrgXhvhH1zkHN0fjXshTz1jUT3\
        lUwsnVQFpFsSent8l4l/e5WLZZWZc2hkjG9mlEt4nVSMs2SbgHSuR4OhVpdMlY6Ucl6HfXRnlIx/iGyVeV9l
        """),
    "bicubic.grey.6.17": golden(
        """
        YpB7hWaDmHNMG5HmlH9pfZV4rotparKMZpF9YIV0OiMQzOTIgHGfiXGbTqOwnY56loh9cW2m3NXNxb22bFyTmpSeaG5tbW5ognh9gYSQfoWN\
        lZ2kepd7ZXOMlJ2zgEdWlXJ9lIh5
        """),
    "bilinear.rgb.9.7": golden(
        """
        hVxYhWqdfV6lY2KXY6SLVKWLc4p1pYl0qohjh2aNhHqMgoF1X5l5bJd1c4eIo3+JlWl5joRtWqaZY5qFZI6Xc5eDeo6Kpo5ypHhjjm9xq4Ni\
        mJZ9jISDonlzoYBwlG1xmmx7hGdvk4R3pIJhi4pmfJlxdZVpkotnipdrlY1gi4ppiJNmloFZfVaagGqfhGCli2yoeXaPhWtQhmtHg3ZMmGpC\
        gWyMmGOHimqGk2yLkn+MdoKbcXOOYXxxe3RS
        """),
    "bilinear.grey.9.7": golden(
        """
        hYV9Y2NUc6Wqh4SCX2xzo5WOWmNkc3qmpI6rmIyioZSahJOki3x1koqVi4iWfYCEi3mFhoOYgZiKk5J2cWF7
        """),
    "bilinear.rgb.31.22": golden(
        """
        ALdub4lAmlFjYzPRK7mZiKphvHN8hEzyTdK7ocyD3ZRLpl0cbiWiNnGkQbZtx341j0a7WIvGWteO4J9WsWgfeTBbQSqvCrB4gIlAm1J0Y0PR\
        K8mZmativHONjkX8bnwzkGkgmVAmgkJYamu9hWDAkknFeTbnYl/Qelm4iUCgcimLWhG0Qn2wQOGYacmAUrGpOsSoNtmQXsF4SqlgMZFvOoqH\
        oLNwzqFY0ollun9/oqhow5lQyoFatm17gThdjENomVBOpl0jtGucgXjBYGLObiXUezKQiUCIdk2VNVqjQmiwT4e9XaWuarNqeMB3UM6FJMKS\
        MX2fP4etTJSIdqJZ769mu710pZyBsml9wHc4zYQ7r5FId5xTcCeqejHUmVCsxn050olshrOAUpOdYhm/lEs0qn41iqFYK69mN+KZXZCwgkeV\
        jnkwwYU8eKtiJqOUWBfGi0LUp16bvXRV76ZgdLWPVIKsfzagi0I7t244h6FYFMuC8ahloViumE+r145edi22ol18p2FrVQyyrWRMe7xzYcyD\
        rXIpS8qBa55Ygno1INGIeHAnVIc+KKWWgD/u2I+Uv3ahjUTG5ZxkkEurlU+bxXxgYxqzo1pqmLJpRPuysmkgfTSIU06qTrJwnHFen1aXeW68\
        SbOmxqNmt5FIiW1cdjWmNbKUeKtitHtkc2rhYbegMcd+Kqdtp2ZbnVSlbny5X7Gb3KBbrGNFhj1qa0GjKo6SjolXqXh6c2rhbaphVpOVO6Sp\
        K9eOa7tyY6CeSKy2NOOac8h/cKxjVJBrOXmnHbiLQLhvYJ1zRYKzjMGXlMV8lKph045FvHOAoI6InLZt25pRyH82rGNNkVx5dpteqItCuXBW\
        olmKdOCXTuifO9epRLCrTrl9WMR7Sc2EINKOKqSYNJ+iPaiVR7NqUbxzNMZ9GLyGI46Rsphj66JZ5KxjtbVsvYl2xn1d0Ic+2ZBHsZtSoYRb\
        rGNltm1vv3ZIyYA30Yg/5JtjbsJ/OpaoZyC+iU8vtXQ1l5xeJLqCRyuxcinWnFO4v3Y+7qVgmMqKS7S1ezLXnVRWyH8/valkLcyTVVG2fDN0\
        oVgd0Ic/UqttL3CVWxW7fUPpqmdz05BH77dun1bkSJymOZWneEXjLZl5X3Ckpmqz0a52hkXKsGeoxn2PgjnA1o11pnKYflS104pqhz6gpFuB\
        v39nVTO7oWR2lEt6cyqOx35DbkGJcD6EontbVs+vlZlelqFYWOadWq7IgrOQnpRvmVp5VV+qSoa4gqOd66Jfp15kmE+KgWWpRZSrvplms2pU\
        iUBpjkWZSXWegYlzwXhpfDPifjWmV1SPRHqAvn48ikGlb2i0fch/rs2EuJJJl3RoXnjMec2Ev7Nq3ZRLvnU7n1aRgJKLk7Rr35ZNv3YtoFdl\
        gWaNZ7ZtvJdOwXgvolk5gzqOZJBvkZlQw3pVpFuqhTyQZmNxZZtSu3sypl1+hn+Sgbty1pxTx341p15SjkWZ0Yho1o1UzpNKuplQwJ9Wxo5d\
        zINW0IlAt49GtpZNvJBTwnlYyH8/z4Y9yoxDspJJuXtQv3ZCxXwzy4I5tYlAr3xFtWxEu3Iswnkwtn41pX48q2ZCsmkut24lvXQrjEPpsGd7\
        h5JJGL51ROmgcIrMmlGrt300MalgL9SLWrq2hTzasWhV3ZRLyr92ReqhcGXNm1KFx34186phddWMWpW3hj21smkv3pVMpb92RcWicT/OnVRf\
        yH827KNaR7O1iodbgJFIK9GIfJxTZKOGaZuFqnEoPMJ5W7BneJlmSK6umXlBjaFYc8N6i45FVqeWeIxroIA3a9GIgaJZapx1WKCUqWsnf7Bn\
        drVsfZFUSKqliH5QkpBHZ9KJfbpxk341gGZIRIClX5NddKxji5xTnV0bVXiSVo17b6NagrpxnXIpc29mToiaaZpRfLZtlZFIkWc5SYKvYJVv\
        dq1kjK5lp2YdZ3mDWI+OcaRbg8B3noQ7hnFXSoe4vnVsoVhPfzZwXCbKOZGnho2EtGtikUhLbiW4S2y5YaCXxn10pFtSgTiSX0fNPLOqp5BX\
        t24llEstcSiZTo18gqNayYA3pl0Ugzp0YWiPXbVsyZJJuG8mlk1PeTCneTbnezTpfjXqgDfogzrrgjztgz3xhTzyiD/xikHyi0T1iUb3jEX6\
        jkX5kEj6jkv8kE1Fk00HlUwImE8GllEImFILmlEMnVQLn1YNn1kQnloSoVkVo1oTpl0UqF8WNLeiVVvDfTSjpFtHzYRvfqyXUZK/eC/aoFdr\
        yH9rtaeSTMi6dFninFOhj3tmIKOOSMuPb5Cpl06jwHc0V59WQ2p9ayJ9k0oOu3IpjppRP6F5ZzGhj0ZFt24l2I9GgaZdZ0mdfDOPu3I3nFOF\
        kol9goSObCPKuXBZt250onmXnL59fU3KqmGTtIhkRGmykbeTl4i6eVHOWp5dVISiP3WtPWmVikqQdI10ZJ5VWoVOO4CbemRDj341db51q2Jw\
        bFmZfGuP1YxTikGFoFeHm1KXWxi+jIlykXCDnlWEyoFAfjWzim6hp56BnFOzzYRnrWSXYlPQFsWEgYKxf4OWVZR8hkjuRW6zQH5oZYA3WrJp\
        hHcudGxFNpakcCfeTKC6e9eO9KtiyYA3nVSfcSjfRQ2zGZ+HeqVcwnkwlk0MaiGfP3qtVcqB555Vu3Ipj0Z5ZFTSOOemwsN64JdOtWxUiUDm\
        XRTLMVSfL7xzwZFIrmUcgjlTXhXM
        """),
    "bilinear.grey.31.22": golden(
        """
        AG+aYyuIvIRNod2mbjZBx49YWuCxeUEKgJtjK5m8jm6QmYJqhZJ5YnqJclpCQGlSOjZeSjE6oM7SuqLDyraBjJmmtIFgbnuJdjVCT11qeFAk\
        MT9Mdu+7pbLAza93cHqZxtKGUmKUqoorN12CjsF4JliLp73vdFR/i7eHFPGhmNd2oqdVrXthrUtrgiB4VCiA2L+N5ZCVxWOjmESyfVNOnJ95\
        Sca3iXY1eLRzYTEqp51uX9yshmsqjqlzbVY7K2tjSDRzcFQ5HUBgRYyUlNO8oJzbyKyRdqi5onROO0ROWEkgKjQ9R1E0GCOy6+S1vcbQ2bGh\
        rLa/ydHkbjpnibWXJEdynL/umEt7nci9LVV8odBSL1t9qtPvn0g5eC1fptGGsMaC1qZ+04ekv1WhlHPHbnCiVpWWWFqCnplVSoLrp5iBRb6z\
        iY5JgcF8fldEvopvfa64l155v92+n4CT37+ggWe8waKDZJHDpIVmZbumhoHWx6eO0dbOusDGzNC3trzCyM/Ksrm/xcu1r7W7wralq7K3vYyw\
        hxhEcJq3MS9ahbHdykVwm8fzdVqGst6lRXGdyOxHioArfGRpqjxbeEiZjXOLVniga4FqWKl/dn1IiJJnfZOARF90i51VVm+CnXNOaXyVkUlg\
        doynZ1hxg56GSr6hf1w5hrSRbkthxqSBXzynt5RxToLJpoNhXcm4lnl5e36Ag4KDhYiKi4mMjpCOkJOVmJaYmp2fn56ho6aoNFV9pM1+UXig\
        yLVMdJyPIEhvl8BXQ2uTu44/Z4+32IFnfLuckoJsubeinH2qtESRl3laVD89inRkWjt6j3WrbHzViqCbW4yRnsp+iqecza1iFoF/VYZFQGVa\
        hHQ2cEx79MmdcUUZesKWaj9V57uPZDjC4LWJXTEvwa6CXg==
        """),
    "bilinear.rgb.23.5": golden(
        """
        eGZekEd3mmBOinioiYGYajDYg3F4m3qCY1xyRXSzXZuUdaVrf5WDH9aNbnaWeH+GWW+GwrBnmZFwolmYg4Fg04pBc5ORmpR0R4W1YJmUeYpp\
        gI2ZRKqbhYB6dpl9Z3N/V8uCbJNyXH+iophlgbFolXmBrmWaiH504JdOfHJnlUyAb3uHx341j5eNip2mmqxji3J7b4GCfpGawqBXf2Zvl3WU\
        coWO1JRLkXhji2mIb3mC0Yg/jmyhiF18Y212xXwzgmCVfJtwoZWIuXAnlIiJgY2Zo1pLVXyad5p5go+bpVxNVn6ceZt7hJCdpl1PhX+eaJ18\
        hpJ2qF8oh4F3ap9WiIJ4qmEYiIN5bKBXiYR5q2IZioR6gHiOWki5u3JhlVuLjoacaB/HkoBuo2mZm5RzdSzUoI58cHenqaJZgzq6XZxifoWM\
        Z25mkUiHa3NwVJNKdXx0n1YNeYB+
        """),
    "bilinear.grey.23.5": golden(
        """
        eJCaiolqg5tjRV11fx9ueFnCmaKD03OaR2B5gESFdmdXbFyigZWuiOB8lW/Hj4qai29+wn+XctSRi2/RjohjxYJ8obmUgaNVd4KlVnmEpoVo\
        hqiHaoiqiGyJq4qAWruVjmiSo5t1oHCpg11+Z5FrVHWfeQ==
        """),
    "bilinear.rgb.6.17": golden(
        """
        aHx5i5OUfHN7gYmAaGlxg4CUlUxOcyrXTGe6Jt2UkbZt3ZRLkmKTf3dtbJR+eXGGlnuFe3tfrGOQi2h5bKRbbIV5rWadjnaGaGV5jY6FfISM\
        YZmPhX51dW2BOO+mJNuSHcR7xKxj3pVMyoE4f393cWeCnYeKioF3dm1umGiMVHy9oHOqrWSanlWLjk98e6NzlZV5iH92fXRrcmiPcHiUo4eH\
        25JJ1YxDzYQ7xXwzvXQrt24la5CQYZiPkJSKmZCHlYyDnYF5aKlgbaRbbaRbbaRbbaRbaKlggWVdeXBnfXRrgXhuhXxzkHR0fzbthTzzjUTr\
        lUw0nVQLo1oRfHx8komAfJSMaZKXdGtkim5mlUx5nlWMrWScgHOrTIOeVZZSko2TdGGFfXRskId/iG6SfWBm
        """),
    "bilinear.grey.6.17": golden(
        """
        aIt8gWiDlXNMJpHdkn9seZZ7rItsbK2OaI18YYV1OCQdxN7Kf3GdinaYVKCtno57lYh9cnCj29XNxb23a2GQmZWdaG1tbW1ogXl9gYWQf4WN\
        lZ2jfJJ8aXSKlZ6tgExVknR9kIh9
        """),
    "nearest.rgb.9.7": golden(
        """
        nVQLiUD3ayLZVw7FOfCnG9KJB7516aBX1YxDbSTbXRTLxXwztWwjHdSLhTzzdSzj3ZRLzYQ7JdyTm1IJTAO6wnkwcyrhJNuSmlEISwK5wXgv\
        9axjbybdpl0UINeOVw7FjkX8CL92P/atuXAnxXwzQ/qxALdufjXsO/Kp+K9mdi3kM+qhsWgffTTrgTjvhz71i0L5kUj/l04Fm1IJoVgPpVwT\
        TQS7VQzD4ZhP6aBXdSzjAbhvCcB3lUwDnVQL
        """),
    "nearest.grey.9.7": golden(
        """
        nYlrVzkbB+nVbV3FtR2Fdd3NJZtMwnMkmkvB9W+mIFeOCD+5xUMAfjv4djOxfYGHi5GXm6GlTVXh6XUBCZWd
        """),
    "nearest.rgb.31.22": golden(
        """
        ALdutWwjtWwjaiHYH9aN1ItC1ItCiUD3PvWs86ph86phqF8WXRTLEsmAEsmAx341fDPqfDPqMeif5p1Um1IJm1IJUAe+BbxzunEounEobybd\
        JNuS2ZBH2ZBHjkX8p14VnVQLnVQLk0oBiUD3fzbtfzbtdSzjayLZYRjPYRjPVw7FTQS7Q/qxQ/qxOfCnL+adL+adJdyTG9KJEch/Ech/B751\
        /bRr86ph86ph6aBX35ZN1YxD1YxDy4I5p14VnVQLnVQLk0oBiUD3fzbtfzbtdSzjayLZYRjPYRjPVw7FTQS7Q/qxQ/qxOfCnL+adL+adJdyT\
        G9KJEch/Ech/B751/bRr86ph86ph6aBX35ZN1YxD1YxDy4I5TgW8hTzzhTzzvHMq86phKuGYKuGYYRjPmE8Gz4Y9z4Y9Br10PfSrdCvidCvi\
        q2IZ4plQ4plQGdCHUAe+hz71hz71vnUs9axjLOOaLOOaYxrRmlEI0Yg/0Yg/CL929axjbSTbbSTb5ZxTXRTL1YxD1YxDTQS7xXwzPfSrPfSr\
        tWwjLeSbpVwTpVwTHdSLlUwDlUwDDcR7hTzz/bRr/bRrdSzj7aRbZRzTZRzT3ZRLVQzDzYQ7zYQ7RfyznFMKVQzDVQzDDsV8x341gDfugDfu\
        OfCn8qlgq2IZq2IZZBvSHdSL1o1E1o1Ej0b9SP+2SP+2AbhvunEocyrhcyrhLOOa5ZxTnlUMnlUMVw7FEMd+yYA3yYA3gjnwQ/qxPfSrPfSr\
        N+6lMeifK+KZK+KZJdyTH9aNGdCHGdCHE8qBDcR7B751B751Abhv+7Jp+7Jp9axj76Zd6aBX6aBX45pR3ZRL145F145F0Yg/y4I5xXwzxXwz\
        v3YtQ/qxPfSrPfSrN+6lMeifK+KZK+KZJdyTH9aNGdCHGdCHE8qBDcR7B751B751Abhv+7Jp+7Jp9axj76Zd6aBX6aBX45pR3ZRL145F145F\
        0Yg/y4I5xXwzxXwzv3Yt6qFYJdyTJdyTYBfOm1IJ1o1E1o1EEch/TAO6hz71hz71wnkw/bRrOO+mOO+mcyrhrmUcrmUc6aBXJNuSXxbNXxbN\
        mlEI1YxDEMd+EMd+SwK5hj30wXgvwXgv/LNqkUj/DcR7DcR7iUD3BbxzgTjvgTjv/bRreTDn9axj9axjcSjf7aRbaSDXaSDX5ZxTYRjPYRjP\
        3ZRLWRDH1YxD1YxDUQi/zYQ7SQC3SQC3xXwzQfivvXQrvXQrOfCnOO+m9axj9axjsmkgbybdLOOaLOOa6aBXpl0UYxrRYxrRINeO3ZRLmlEI\
        mlEIVw7FFMuCFMuC0Yg/jkX8SwK5SwK5CL92xXwzgjnwgjnwP/at/LNquXAnuXAndi3kOO+m9axj9axjsmkgbybdLOOaLOOa6aBXpl0UYxrR\
        YxrRINeO3ZRLmlEImlEIVw7FFMuCFMuC0Yg/jkX8SwK5SwK5CL92xXwzgjnwgjnwP/at/LNquXAnuXAndi3k35ZN3ZRL3ZRL25JJ2ZBH145F\
        145F1YxD04pB0Yg/0Yg/z4Y9zYQ7y4I5y4I5yYA3x341x341xXwzw3oxwXgvwXgvv3YtvXQru3Ipu3IpuXAnt24ltWwjtWwjs2ohhj30xXwz\
        xXwzBLtyQ/qxgjnwgjnwwXgvALduP/atP/atfjXsvXQr/LNq/LNqO/KpejHoejHouXAn+K9mN+6lN+6ldi3ktWwj9Kti9KtiM+qhcingsWgf\
        sWgf8KdeLeSbrWQbrWQbLeSbrWQbLeSbLeSbrWQbLeSbrWQbrWQbLeSbrWQbLeSbLeSbrWQbLeSbLeSbrWQbLeSbrWQbrWQbLeSbrWQbLeSb\
        LeSbrWQbLeSbrWQbrWQbLeSbLeSbrWQbrWQbLeSbrWQbLeSbLeSbrWQbLeSbrWQbrWQbLeSbrWQbLeSbLeSbrWQbLeSbLeSbrWQbLeSbrWQb\
        rWQbLeSbrWQbLeSbLeSbrWQbLeSbrWQbrWQbLeSb1ItClUwDlUwDVg3EF86F2I9G2I9GmVAHWhHIG9KJG9KJ3JNKnVQLXhXMXhXMH9aN4JdO\
        4JdOoVgPYhnQI9qRI9qR5JtSpVwTZh3UZh3UJ96V6J9WqWAXqWAXaiHYezLpfTTrfTTrfzbtgTjvgzrxgzrxhTzzhz71iUD3iUD3i0L5jUT7\
        j0b9j0b9kUj/k0oBk0oBlUwDl04FmVAHmVAHm1IJnVQLn1YNn1YNoVgPo1oRpVwTpVwTp14VItmQZRzTZRzTqF8W66JZLuWcLuWccSjftGsi\
        965l965lOvGofTTrwHcuwHcuA7pxRv20Rv20iUD3zIM6D8Z9D8Z9UgnAlUwD2I9G2I9GG9KJXhXMoVgPoVgP5JtSyYA3TQS7TQS70Yg/VQzD\
        2ZBH2ZBHXRTL4ZhPZRzTZRzT6aBXbSTb8ahf8ahfdSzj+bBn+bBnfTTrAbhvhTzzhTzzCcB3jUT7Ech/Ech/lUwDGdCHnVQLnVQLIdiPyYA3\
        TQS7TQS70Yg/VQzD2ZBH2ZBHXRTL4ZhPZRzTZRzT6aBXbSTb8ahf8ahfdSzj+bBn+bBnfTTrAbhvhTzzhTzzCcB3jUT7Ech/Ech/lUwDGdCH\
        nVQLnVQLIdiPcCfeNeyjNeyj+rFov3YthDvyhDvySQC3DsV804pB04pBmE8GXRTLItmQItmQ555VrGMarGMacSjfNu2k+7Jp+7JpwHcuhTzz\
        SgG4SgG4D8Z91ItCmVAHmVAHXhXM
        """),
    "nearest.grey.31.22": golden(
        """
        ALW1ah/U1Ik+8/OoXRISx3x8Meabm1AFurpvJNnZjqednZOJf391a2FhV01DQzkvLyUbEREH/fPz6d/V1cunnZ2TiX9/dWthYVdNQ0M5Ly8l\
        GxERB/3z8+nf1dXLToWFvPMqKmGYz88GPXR0q+LiGVCHh771LCxjmtHRCPVtbeVd1dVNxT09tS2lpR2VlQ2F/f117WVl3VXNzUWcVVUOx4CA\
        OfKrq2Qd1taPSEgBunNzLOWenlcQycmCQz09NzErKyUfGRkTDQcHAfv79e/p6ePd19fRy8XFv0M9PTcxKyslHxkZEw0HBwH7+/Xv6enj3dfX\
        0cvFxb/qJSVgm9bWEUyHh8L9ODhzrq7pJF9fmtUQEEuGwcH8kQ0NiQWBgf159fVx7Wlp5WFh3VnV1VHNSUnFQb29OTj19bJvLCzppmNjIN2a\
        mlcUFNGOS0sIxYKCP/y5uXY49fWybyws6aZjYyDdmppXFBTRjktLCMWCgj/8ubl2393d29nX19XT0dHPzcvLycfHxcPBwb+9u7u5t7W1s4bF\
        xQRDgoLBAD8/fr38/Dt6ern4Nzd2tfT0M3KxsfAtra0trS0trS2trS2tLS2tLS2tLa2tLa0tLa0tra0tLa2tLa0tLa0tra0trS0trS0trS2t\
        rS2tLS2tLa2tLdSVlVYX2NiZWhsb3J1eXh/g4KFiIyPkpWZmJ+ipqWp7fX1/gYODhYeJiYuNj4+Rk5OVl5mZm52fn6GjpaWnImVlqOsuLnG0\
        9/c6fcDAA0ZGicwPD1KV2NgbXqGh5MlNTdFV2dld4WVl6W3x8XX5+X0BhYUJjRERlRmdnSHJTU3RVdnZXeFlZelt8fF1+fl9AYWFCY0REZUZ\
        nZ0hcDU1+r+EhEkO09OYXSIi56yscTb7+8CFSkoP1JmZXg==
        """),
    "nearest.rgb.23.5": golden(
        """
        p14VnVQLk0oBiUD3fzbtdSzjayLZYRjPVw7FTQS7Q/qxOfCnL+adJdyTG9KJEch/B751/bRr86ph6aBX35ZN1YxDy4I5Q/qxPfSrN+6lMeif\
        K+KZJdyTH9aNGdCHE8qBDcR7B751Abhv+7Jp9axj76Zd6aBX45pR3ZRL145F0Yg/y4I5xXwzv3YtOO+m9axjsmkgbybdLOOa6aBXpl0UYxrR\
        INeO3ZRLmlEIVw7FFMuC0Yg/jkX8SwK5CL92xXwzgjnwP/at/LNquXAndi3kLeSbrWQbLeSbrWQbLeSbrWQbLeSbrWQbLeSbrWQbLeSbrWQb\
        LeSbrWQbLeSbrWQbLeSbrWQbLeSbrWQbLeSbrWQbLeSbyYA3TQS70Yg/VQzD2ZBHXRTL4ZhPZRzT6aBXbSTb8ahfdSzj+bBnfTTrAbhvhTzz\
        CcB3jUT7Ech/lUwDGdCHnVQLIdiP
        """),
    "nearest.grey.23.5": golden(
        """
        p52TiX91a2FXTUM5LyUbEQf98+nf1ctDPTcxKyUfGRMNBwH79e/p493X0cvFvzj1sm8s6aZjIN2aVxTRjksIxYI//Ll2La0trS2tLa0trS2t\
        La0trS2tLa0trS3JTdFV2V3hZelt8XX5fQGFCY0RlRmdIQ==
        """),
    "nearest.rgb.6.17": golden(
        """
        tWwjiUD3XRTLMeifBbxz2ZBHnVQLdSzjTQS7JdyT/bRr1YxDhTzzYRjPPfSrGdCH9axj0Yg/bSTbTQS7LeSbDcR77aRbzYQ7VQzDOfCnHdSL\
        Abhv5ZxTyYA3PfSrJdyTDcR79axj3ZRLxXwzJdyTEch//bRr6aBX1YxDwXgvDcR7/bRr7aRb3ZRLzYQ7vXQr9axj6aBX3ZRL0Yg/xXwzuXAn\
        3ZRL1YxDzYQ7xXwzvXQrtWwjxXwzwXgvvXQruXAntWwjsWgfrWQbrWQbrWQbrWQbrWQbrWQblUwDmVAHnVQLoVgPpVwTqWAXfTTrhTzzjUT7\
        lUwDnVQLpVwTZRzTcSjffTTriUD3lUwDoVgPTQS7XRTLbSTbfTTrjUT7nVQLNeyjSQC3XRTLcSjfhTzzmVAH
        """),
    "nearest.grey.6.17": golden(
        """
        tYldMQXZnXVNJf3VhWE9GfXRbU0tDe3NVTkdAeXJPSUN9d3FJRH96dXBDf3t3c299end0cW53dXNxb21xcG9ubWxra2tra2tlZmdoaWpfYWN\
        lZ2lZXF9iZWhTV1tfY2dNUldcYWZ
        """),
    "bicubic.plane.9.7": golden(
        """
        FXizQmdW1EIWG7NCvKm7QtJcKEO9OydDKnAIQ8CuCkP8KAhDXJbBQts69UJ+Bf5Cv40eQ7DdF0PVwwVD1zIDQ767xkLjKwRDSk4sQw4vHEOp\
        zRBDHPcXQzwEEUOhlg9DHMHtQh7S3EKkPwVDWosUQ37P/kLLY+pCrkn4QhYpz0K1fcxCA6a8QkJTA0NX4ARDxLUNQx5vHEMZ4hhDcg0OQ6EQ\
        GkNDVhBD4cMOQ9a+FkPnLgFDitifQglD00JNPLhCuXjXQi9z6kK1T9FCPpHRQkmL6kI/Rc9CJ13fQin/xEJ82cxC1grVQmmPA0MczQND13ne\
        Qie790LIA+lC
        """),
    "bicubic.plane.12.19": golden(
        """
        z3EGQ5JU6kIr6wND9oVCQ3izrUL5cARD0WXmQhb/JUNLo2hC2IbxQk6EB0OQeexCvADDQp45kELclV5CWKpCQoudl0BD5j5DewxkQ2VLVUNc\
        KjVDckwmQ7z8G0N9iAND/boXQnK8AkN5UPxCpKtuQpGQH0MUgO5C9wswQ/wTz0I41/dC3P85Q9r/rELGRhtDQc6vQpS91ULWYLJC18LvQmni\
        R0MhrwZDb2sJQzOxzkIab8dCOPX1Qm/xeUJvcTRDppmZQp7T0EIcB7lCxGkVQ9gR+ULZCBNDt8MnQylK8kKo6QVD3mi2Qtn3uEK/tAtDP/IF\
        Q+96PEPOrDRDiBo9Q05aB0M6cB9D3iBCQ3B5CUNLQSJDcEDvQt+oAEPKDNFCrhh0Q5tzQ0PSfFRDEBkrQ8qbPkMfKUBDEO8aQw6BLEMAtQND\
        luEXQ6vy0kJlQwBDmoUkQ5qZiULrhQ5DYMVVQtxh8UK/tyFD3oaxQgGxFkPhioBC8NoGQ9cHcUIvVR5DlGT/QtCg/ULx7PJCgm7eQt2W1ELI\
        pbVCoaS2QiKCmEJoQJdCZnRjQhdKMUNvQjdDo/ZLQ6Qvr0J4aTBDMvWgQuVjH0NBHphCmIwLQ5XUk0IYlOFCkC/qQi5oREO6EqBCCHMbQ6HE\
        CkNikBFDzSQDQ1zcCEOExfdCl6P/QrzD6UIMYexCQqriQgzB50LC389CxInBQtFORUOpc9dCxHA8Q9NZ2EIBRTFD01/eQpP+I0PWiehCiBMU\
        Q/Am9EJXzOtC4JobQ9XZNENwoRVD0MwzQ8dLFUNaNjFDKAMWQ9aqLUPneRdDmFApQ7SBGUPdTyhDLRAGQ1w2/kKK2hVDSN/xQqZvH0P/F+lC\
        KYYnQ8RS40Jo6y1DpYjhQpQmMkNB69tCreGCQqe3jkIazq5CJXqLQqZtxkI8eYtCadjbQl4kjUJcJv5CaluTQie4BkMjMY1CAvORQr7MlUJg\
        oq5CC2CgQvLPx0LXJqxC7srfQsCUvUJWYJNCTKTGQupVr0KGtsRC+m/jQgfX3UJ6dw5DUcHjQgGBJEM+ZOtC5OE4Q705AEP48bdCQiMFQ2Ha\
        50LacPhCsRSiQoXEokIGQZFCoFW8QvxJskIB7ttClHPTQqnn+UIypwJDqMX5Qr1IEUM1XBVD3YMNQ97qJ0PgkiVCRFITQ0F4jEJPZB9DNjTE\
        QlQHKUMJhQdD9q07Qn4CGkM/mEVC
        """),
    "bilinear.plane.9.7": golden(
        """
        eAW3QoN/00LlgbxCJrTEQlf0I0MAgSVDD4gKQxl7CEOgOwhDlELMQo5u80KzrABD2wAZQ8oLF0PEdwdDJVb/Qlpq0UITuwNDGNolQ+dtGkOd\
        lg1DdVYXQwvjDUMopA1DakPwQpyo3kIMXQNDAhMWQxCOA0PbRfFCsfj/QvqC2kJ8T9dCqkTOQp2bA0PazQFDW0kKQ8TBGENLHhVDiH0LQx7t\
        FkMUsgxDamMKQ1HyEkNPTAFDz/OrQvzq00KRCsBCvfLXQmru60Lk7tVCURTWQlGf60KkQdNCU7LXQpeuxUJQetNCEtzWQjRQ/kJ0mAFDr7zl\
        Qpjh90JlyudC
        """),
    "bilinear.plane.12.19": golden(
        """
        HlMFQ6OL6EJGFwVDuug1Q4wutkL96ApDBi7iQrroIEOMLoxCdNHtQi+6B0PEWe1CX0O9QpI5m0L+YYBCuEpfQgja3kFAZzVD0LpTQ60DS0Mc\
        mSxDzDokQwLPFkMbygVDphRWQhr760K66OpCfxiUQq0DEUM14P1CXmksQ5Bq4UIRUgFDEIMpQ/zDyEIn2RVDm82rQnMC1EKsNMVCFb/uQvyS\
        MkOmgghDVv4PQ4jB1kK5GdlCHwbzQnagn0I06CVDa1KvQuHI4EJQj9NCRhcTQ07AA0P51hJDfEomQ4Dn80KMLgRD0xTHQgYLw0JjeAhDgr0N\
        Q5yAMEMXXSxDrQM0Q9aBDEOupiBDAUI5Q0VIC0N8qxlDj8zxQnag80KFKt9CJhFeQ4RUO0O8hkZDdqAlQ9u9MUOJ6DhDl1sZQzP2I0PtDwND\
        JUIOQ7y32kKeSP9CiXsgQ8Uvt0LDkQlDyZySQmwo80Ksih1D/yrCQk3xDUPeW5tCnU/3QvMapEIAABZDtp4DQ4K290JpivdCp/jZQo7M2ULV\
        E7tCRHm5QgOen0Kji5pCEIONQuD5JkPEbjFDlp9CQwAAykJGFyVDRhezQumiGUMg/Z5CK1kKQ4wulkJ00edCdNHtQgAAN0PVwLJCEIMZQ8ic\
        DENN8Q9D/ZIEQ4DnB0NtSflCGa7+QiNz6kLlNexCcwLmQnyr7ELu3tJCFM3gQpI5NEOplvVCVpovQzFY7ELdyilD3KnoQt1bH0NWmvBC3IwR\
        Q2m7+UIH/fJCB+gWQyYRLEORahVDe9wqQ+U1FEMKrSlD9Z4UQ0KqJUMXXRZD4cggQyHVGEOmBh5D0jcBQ6+h/kIO5Q1DNpT1QpTXFkOU/e1C\
        mpgdQyiv7UJRXiBD8xryQjaUIkOxVOhCBgSXQqjHnUKB57tC4sicQh1o00LXnJxCE4DmQrI/pEJRXvNCnYCvQjyf/kI9daZC1oiaQtMUnULR\
        RbdC4pemQtru0UJ9RbFCUTjqQn16wELTFKVCztjHQtu9v0JWk8ZCHkzbQomQ1kIIqQJDvlXeQpyxF0P2v+hCPXEqQ4RU+0K66L5CO9D+QuD5\
        6EIKcfZCm7irQiHVrEK8t5pCIqTAQgp4ukKNjeFCh1/dQr8k/kIRUv9CcGT2QmwoDkNG9A5D9o4LQ6OLG0N00WVCdNEIQ0YXmUIJRRtD1abI\
        Qi+6JkMvugFDuuhyQkYXDEPLT3BC
        """),
]
